// A SOAP stack of another's (npm soap) for the tests. `serve PORT CODE`: a platform of Fujian's dialect that decrypts what it is sent and says it as JSON
// lines. `call URL TOKEN OPERATION CIPHER`: a client that calls one, and says what it was answered.
import { createDecipheriv, createHash } from "node:crypto";
import { createServer } from "node:http";
import { createRequire } from "node:module";
const soap = createRequire(new URL("../frontend/package.json", import.meta.url))("soap");

const OPERATIONS = ["getSaveEvaluation", "getEvaluationSupplement"];
const NS = "http://linewell.com/ws/";
const wsdl = (address) => `<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:xsd="http://www.w3.org/2001/XMLSchema"
  xmlns:tns="${NS}" targetNamespace="${NS}" name="evaluate">
  <types><xsd:schema targetNamespace="${NS}" elementFormDefault="unqualified">
    ${OPERATIONS.map((name) => `<xsd:element name="${name}"><xsd:complexType><xsd:sequence><xsd:element name="xml" type="xsd:string"/></xsd:sequence></xsd:complexType></xsd:element>
    <xsd:element name="${name}Response"><xsd:complexType><xsd:sequence><xsd:element name="return" type="xsd:string"/></xsd:sequence></xsd:complexType></xsd:element>`).join("\n")}
  </xsd:schema></types>
  ${OPERATIONS.map((name) => `<message name="${name}"><part name="parameters" element="tns:${name}"/></message>
  <message name="${name}Response"><part name="parameters" element="tns:${name}Response"/></message>`).join("\n")}
  <portType name="Evaluate">${OPERATIONS.map((name) => `<operation name="${name}"><input message="tns:${name}"/><output message="tns:${name}Response"/></operation>`).join("")}</portType>
  <binding name="EvaluateSoap" type="tns:Evaluate"><soap:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>
    ${OPERATIONS.map((name) => `<operation name="${name}"><soap:operation soapAction=""/><input><soap:body use="literal"/></input><output><soap:body use="literal"/></output></operation>`).join("")}
  </binding>
  <service name="Evaluate"><port name="EvaluateSoap" binding="tns:EvaluateSoap"><soap:address location="${address}"/></port></service>
</definitions>`;
const say = (told) => process.stdout.write(`${JSON.stringify(told)}\n`);

const serve = (port, code) => {
  const key = createHash("md5").update(code).digest();
  const save = (operation) => ({ xml }, _done, headers) => {
    const opened = createDecipheriv("sm4-ecb", key, null);
    const text = opened.update(xml, "base64", "utf8") + opened.final("utf8");
    say({ operation, text, headers });
    return { return: "<result><code>200</code><message>success</message><data><evaluateUnid>U1</evaluateUnid></data></result>" };
  };
  const server = createServer((request, response) => {
    const token = new URL(request.url, "http://x").pathname.endsWith("/gateway/get-token");
    response.setHeader("Content-Type", "application/json");
    response.statusCode = token ? 200 : 404;
    response.end(token ? JSON.stringify({ access_token: "T1" }) : "{}");
  });
  server.listen(port, "127.0.0.1", () => {
    const ports = Object.fromEntries(OPERATIONS.map((name) => [name, save(name)]));
    soap.listen(server, "/services/evaluate", { Evaluate: { EvaluateSoap: ports } }, wsdl("http://x"), () => say({ listening: true }));
  });
};

const call = async (url, token, operation, cipher) => {
  const { writeFileSync } = await import("node:fs");
  const file = `${process.env.TMPDIR || "/tmp"}/haochaping-${process.pid}.wsdl`;
  writeFileSync(file, wsdl(url));
  const client = await soap.createClientAsync(file, {}, url);
  client.addHttpHeader("Authorization", `Basic ${token}`);
  const [answer] = await client[`${operation}Async`]({ xml: cipher });
  say({ answer: answer.return });
};

const [what, ...given] = process.argv.slice(2);
if (what === "serve") serve(Number(given[0]), given[1]);
else await call(...given);
