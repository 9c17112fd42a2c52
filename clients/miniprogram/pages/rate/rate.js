// Opened by a link that carries a one-time token (?e=…), by a scanned window code (?q=<encoded address>) or by a short code (?p=…).
const home = getApp().home;
Page({
  data: { address: "" },
  onLoad(options) {
    const scanned = options.q ? decodeURIComponent(options.q) : "";
    const path = options.e ? `/e/${options.e}` : options.p ? `/p/${options.p}` : scanned.startsWith(`${home}/`) ? scanned.slice(home.length) : "/";
    const { fontSizeScaleFactor } = wx.getAppBaseInfo ? wx.getAppBaseInfo() : {};
    const scale = fontSizeScaleFactor && fontSizeScaleFactor !== 1 ? `${path.includes("?") ? "&" : "?"}scale=${fontSizeScaleFactor}` : "";
    this.setData({ address: `${home}${path}${scale}` });
  },
});
