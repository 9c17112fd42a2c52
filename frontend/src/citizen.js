// Everything works without this file. It reads the page aloud, sends once on a double tap, and keeps a rating while the phone is offline.
const form = document.querySelector("form[data-rate]");
const speak = document.querySelector("[data-speak]");
if (speak && window.speechSynthesis) {
  speak.hidden = false;
  speak.addEventListener("click", () => {
    speechSynthesis.cancel();
    const said = new SpeechSynthesisUtterance([...document.querySelectorAll("[data-say]")].map((part) => part.textContent).join("。"));
    said.lang = document.documentElement.lang;
    speechSynthesis.speak(said);
  });
}
// inside the widget's frame: tell the page around it, and nobody else, that the rating is in
const { embed, done } = document.body.dataset;
if (embed && done !== undefined && window.parent !== window) window.parent.postMessage({ type: "haochaping:done" }, embed);
if (form) {
  const button = document.querySelector(".go");
  const status = document.getElementById("status");
  let busy = false;
  // what the server says is missing is shown on this page: a page written anew would lose its styles under the strict policy
  const tell = (text) => {
    const bare = text.replace(/<style[\s\S]*?<\/style>/g, ""); // its nonce is not this page's
    const said = new DOMParser().parseFromString(bare, "text/html").querySelector("[role=alert]");
    if (!said) return location.reload();
    document.querySelectorAll("[role=alert]").forEach((old) => old.remove());
    const problem = document.importNode(said, true);
    problem.tabIndex = -1;
    document.querySelector(".bar-in").prepend(problem);
    for (const field of form.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
    const wrong = problem.dataset.field && form.querySelector(`[name="${problem.dataset.field}"]:not([type=radio])`);
    if (wrong) {
      wrong.setAttribute("aria-invalid", "true");
      wrong.scrollIntoView({ block: "center" });
    }
    problem.focus({ preventScroll: true });
    status.hidden = true;
    busy = false;
    button.removeAttribute("aria-busy");
    return undefined;
  };
  const send = async () => {
    const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), redirect: "follow" });
    if (answer.status >= 500) throw new Error(String(answer.status));
    if (answer.redirected) location.assign(answer.url);
    else tell(await answer.text());
  };
  const keepTrying = async () => {
    document.querySelectorAll("[role=alert]").forEach((old) => old.remove());
    for (let tries = 1; ; tries += 1) {
      try {
        return await send();
      } catch (error) {
        // the link is the idempotency key, so sending again can never count twice
        status.textContent = tries < 3 || !navigator.onLine ? form.dataset.kept : form.dataset.failing;
        status.hidden = false;
        await new Promise((resolve) => {
          addEventListener("online", resolve, { once: true });
          setTimeout(resolve, Math.min(30000, 2000 * tries));
        });
      }
    }
  };
  // larger type and the other language write the page anew with what was typed
  let pressed = null;
  document.addEventListener("click", (event) => { pressed = event.target.closest("button"); }, true);
  form.addEventListener("submit", (event) => {
    const by = event.submitter || pressed;
    if (by && by.name === "keep") return;
    event.preventDefault();
    if (busy) return;
    busy = true;
    button.setAttribute("aria-busy", "true");
    keepTrying();
  });
}
