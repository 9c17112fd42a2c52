// <hao-cha-ping url="one-time rating address">: a button that opens the citizen's page in a dialog. It never holds up the page around it,
// needs no cookie and no style sheet, and shows a plain link where the frame does not open in time.
const PATIENCE = 8000;
const HERE = document.currentScript ? new URL(document.currentScript.src).origin : location.origin;
const STYLE = `:host{display:inline-block;font:inherit}button,a{font:inherit;min-height:44px;padding:0 20px;border:0;border-radius:8px;background:#1b4f9c;color:#fff;cursor:pointer;text-decoration:none;display:inline-flex;align-items:center}
dialog{border:0;padding:0;border-radius:14px;width:min(560px,96vw);height:min(760px,92vh);box-shadow:0 10px 40px rgba(11,29,58,.35)}dialog::backdrop{background:rgba(11,29,58,.5)}
iframe{border:0;width:100%;height:100%;display:block}.x{position:absolute;right:8px;top:8px;min-height:44px;width:44px;padding:0;justify-content:center;background:rgba(0,0,0,.35);border-radius:50%}`;

const english = (document.documentElement.lang || "").startsWith("en");
const t = (zh, en) => (english ? en : zh);

class HaoChaPing extends HTMLElement {
  connectedCallback() {
    if (this.shadowRoot) return;
    const root = this.attachShadow({ mode: "open" });
    if ("adoptedStyleSheets" in document) {
      const sheet = new CSSStyleSheet(); // no inline style, so no policy of the host's is broken; very old browsers show it plain
      sheet.replaceSync(STYLE);
      root.adoptedStyleSheets = [sheet];
    }
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = this.getAttribute("label") || t("评价本次服务", "Rate this service");
    button.addEventListener("click", () => this.open());
    root.append(button);
  }

  tell(name) {
    this.dispatchEvent(new CustomEvent(`haochaping:${name}`, { bubbles: true, composed: true }));
  }

  open() {
    const address = new URL(this.getAttribute("url") || "", HERE);
    if (address.origin !== HERE) return this.fail(address.href);
    const dialog = document.createElement("dialog");
    const close = document.createElement("button");
    close.className = "x";
    close.textContent = "×";
    close.setAttribute("aria-label", t("关闭", "Close"));
    const frame = document.createElement("iframe");
    frame.title = t("政务服务好差评", "Rate this service");
    frame.src = address.href;
    dialog.append(frame, close);
    this.shadowRoot.append(dialog);
    let ready = false;
    const late = setTimeout(() => ready || (dialog.close(), this.fail(address.href)), PATIENCE);
    frame.addEventListener("load", () => {
      ready = true;
      clearTimeout(late);
    });
    const heard = (event) => {
      if (event.origin === HERE && event.source === frame.contentWindow && event.data && event.data.type === "haochaping:done") this.tell("done");
    };
    addEventListener("message", heard);
    close.addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => {
      removeEventListener("message", heard);
      clearTimeout(late);
      dialog.remove();
      this.tell("closed");
    });
    return dialog.showModal();
  }

  fail(address) {
    const link = document.createElement("a");
    link.href = address;
    link.target = "_blank";
    link.rel = "noopener";
    link.textContent = t("在新页面评价", "Rate on a new page");
    this.shadowRoot.querySelector("button").replaceWith(link);
    this.tell("failed");
  }
}
if (!customElements.get("hao-cha-ping")) customElements.define("hao-cha-ping", HaoChaPing);
