// Keeps what is typed into a form marked data-autosave: every 20 seconds and on leaving a field.
// The server holds the draft; nothing stays in the browser. The page works without this file.
"use strict";

for (const form of document.querySelectorAll("form[data-autosave]")) {
  const LARGEST_AFTER_LEAVING = 60_000; // bytes that a browser still sends for a page that is gone
  const status = form.querySelector("[data-autosave-status]");
  const content = () => new URLSearchParams(new FormData(form)).toString();
  let kept = content();

  const keep = async () => {
    const now = content();
    if (now === kept) {
      return;
    }
    try {
      const answer = await fetch(form.dataset.autosave, {
        method: "POST",
        body: new FormData(form),
        credentials: "same-origin",
        keepalive: new TextEncoder().encode(now).length < LARGEST_AFTER_LEAVING,
      });
      if (!answer.ok) {
        throw new Error(String(answer.status));
      }
      kept = now;
      status.textContent = `${(await answer.json()).at} 入力の控えを取りました`;
    } catch {
      status.textContent = "入力の控えを取れませんでした。保存ボタンを押してください。";
    }
  };

  setInterval(keep, 20_000);
  form.addEventListener("focusout", keep);
  // By a link, the address or the back button, in the middle of a word; not by the form's own button.
  let sent = false;
  form.addEventListener("submit", () => {
    sent = true;
  });
  addEventListener("pagehide", () => {
    if (!sent) {
      keep();
    }
  });
  addEventListener("pageshow", () => {
    sent = false;
  });
}
