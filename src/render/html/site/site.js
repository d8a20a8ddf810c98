// Adds to pages that are whole without it: narrows a list while somebody types, copies a text, and keeps answers in
// this browser if, and only if, somebody ticks a box for it. It sends nothing, and writes words, never markup.
"use strict";

(() => {
  const KEY = "trialbrief.answers";

  /** Makes an element with words in it. */
  const make = (name, attributes, words) => {
    const element = document.createElement(name);
    for (const [attribute, value] of Object.entries(attributes)) element.setAttribute(attribute, value);
    if (words) element.textContent = words;
    return element;
  };

  /** A line that is read aloud when it changes. */
  const status = () => make("p", { role: "status", "aria-live": "polite", class: "said" });

  const narrowing = () => {
    const list = document.querySelector("ul.cards");
    if (!list) return;
    const cards = [...list.children].map((card) => [card, card.textContent.toLowerCase()]);
    const field = make("div", { class: "field" });
    const label = make("label", { for: "narrow" }, "Narrow this list");
    const hint = make("p", { class: "hint", id: "narrow-hint" }, "Type words, for example CD19 or Germany. Only the cards that hold them all stay.");
    const input = make("input", { type: "text", id: "narrow", autocomplete: "off", "aria-describedby": "narrow-hint" });
    const said = status();
    input.addEventListener("input", () => {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      for (const [card, text] of cards) {
        card.hidden = !words.every((word) => text.includes(word));
        if (!card.hidden) shown += 1;
      }
      said.textContent = words.length ? `${shown} of ${cards.length} trials shown. Empty the field to see all.` : `All ${cards.length} trials shown.`;
    });
    field.append(label, hint, input, said);
    list.before(field);
  };

  const copying = () => {
    for (const text of document.querySelectorAll("textarea.copy")) {
      const button = make("button", { type: "button" }, "Copy the text");
      const said = status();
      button.addEventListener("click", async () => {
        text.focus();
        text.select();
        try {
          await navigator.clipboard.writeText(text.value);
          said.textContent = "Copied.";
        } catch {
          said.textContent = "The text is marked: copy it with your keyboard or menu.";
        }
      });
      text.after(button, said);
    }
  };

  /** What is kept, or nothing; a browser may forbid it. */
  const kept = () => {
    try {
      const all = JSON.parse(localStorage.getItem(KEY));
      return Array.isArray(all) ? all.filter((pair) => Array.isArray(pair) && pair.length === 2 && pair.every((part) => typeof part === "string")) : null;
    } catch {
      return null;
    }
  };

  const fields = (form) => [...form.elements].filter((one) => one.name && one.matches("input[type=text], select, textarea"));

  const remembering = () => {
    const form = document.querySelector("form.situation");
    if (!form) return;
    const box = make("fieldset", { class: "remember" });
    const hint = "Others who use this browser can read them. They stay on this device, until you forget them here.";
    const tick = make("input", { type: "checkbox", id: "remember", "aria-describedby": "remember-hint" });
    const row = make("div", { class: "tick" });
    row.append(tick, make("label", { for: "remember" }, "Remember my answers in this browser"));
    const forget = make("button", { type: "button" }, "Forget my answers in this browser");
    const said = status();
    box.append(make("legend", {}, "Next time"), row, make("p", { class: "hint", id: "remember-hint" }, hint), forget, said);

    const save = () => {
      if (!tick.checked) return;
      const all = fields(form).filter((one) => one.value).map((one) => [one.name, one.value]);
      try {
        localStorage.setItem(KEY, JSON.stringify(all));
        said.textContent = "Kept in this browser.";
      } catch {
        tick.checked = false;
        said.textContent = "This browser does not let pages keep anything.";
      }
    };
    const drop = () => {
      tick.checked = false;
      try {
        localStorage.removeItem(KEY);
        said.textContent = "Forgotten: nothing is kept in this browser. What stands in the form stays until you leave.";
      } catch {
        said.textContent = "This browser does not let pages keep anything.";
      }
    };

    const before = kept();
    if (before) {
      tick.checked = true;
      // What the server filled in is newer.
      if (fields(form).every((one) => !one.value)) {
        for (const [name, value] of before) {
          const own = fields(form).find((one) => one.name === name);
          if (!own) continue;
          own.value = value;
          const list = own.closest("details");
          if (list) list.open = true;
        }
        said.textContent = "Your answers of last time were filled in.";
      }
    }
    // Forgotten in another tab: this one does not keep them again.
    addEventListener("storage", (event) => {
      if (tick.checked && kept() === null && (event.key === KEY || event.key === null)) {
        tick.checked = false;
        said.textContent = "Forgotten in another tab: nothing is kept in this browser.";
      }
    });
    tick.addEventListener("change", () => (tick.checked ? save() : drop()));
    forget.addEventListener("click", drop);
    form.addEventListener("change", (event) => {
      if (event.target !== tick) save();
    });
    form.addEventListener("submit", save);
    form.lastElementChild.before(box);
  };

  narrowing();
  copying();
  remembering();
})();
