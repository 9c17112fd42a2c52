// The shell of the WeChat mini-program: it opens the citizen's page in a web-view, with the text size that the phone's owner has chosen.
App({ home: "https://hcp.example.gov.cn" }); // the platform's address; it must be among the program's business domains 业务域名
