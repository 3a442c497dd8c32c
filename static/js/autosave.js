// Keeps what is typed into a form marked data-autosave: every 20 seconds and on leaving a field.
// The server holds the draft; nothing stays in the browser. The page works without this file.
"use strict";

for (const form of document.querySelectorAll("form[data-autosave]")) {
  const LARGEST_AFTER_LEAVING = 60_000; // bytes that a browser still sends for a page that is gone
  const status = form.querySelector("[data-autosave-status]");
  const content = () => new URLSearchParams(new FormData(form)).toString();
  // A page that came back with errors holds what is saved nowhere yet.
  let kept = document.querySelector(".error-summary") ? "" : content();
  let sent = false;

  const keep = async () => {
    const now = content();
    if (sent || now === kept) {
      return;
    }
    try {
      const answer = await fetch(form.dataset.autosave, {
        method: "POST",
        body: new FormData(form),
        headers: { "X-Autosave": "1" },
        redirect: "error",
        credentials: "same-origin",
        keepalive: new TextEncoder().encode(now).length < LARGEST_AFTER_LEAVING,
      });
      if (answer.status === 401) {
        status.textContent =
          "サインインの時間が切れました。保存ボタンを押すと、サインインのあとに、入れた文章をこのページに示します。";
        return;
      }
      if (!answer.ok) {
        throw new Error(String(answer.status));
      }
      const { at } = await answer.json();
      kept = now;
      status.textContent = `${at} 入力の控えを取りました`;
    } catch {
      status.textContent = "入力の控えを取れませんでした。保存ボタンを押してください。";
    }
  };

  setInterval(keep, 20_000);
  form.addEventListener("focusout", (event) => {
    // On the way to the form's own button the form itself is sent.
    if (!event.relatedTarget?.matches("button:not([type=button])")) {
      keep();
    }
  });
  // By a link, the address or the back button, in the middle of a word; not by a button of the page:
  // the form's own sends what stands there, and the one that throws it away means it.
  document.addEventListener("submit", () => {
    sent = true;
  });
  addEventListener("pagehide", keep);
  addEventListener("pageshow", () => {
    sent = false;
  });
}
