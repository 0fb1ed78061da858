'use strict';
(() => {
  // The numbers of a row decide; rows with the same keep the order of the file.
  const sort = (table, by, ascending) => {
    const body = table.tBodies[0];
    const key = row => Number(row.getAttribute('data-' + by));
    const place = row => Number(row.getAttribute('data-place'));
    const rows = [...body.rows].sort((a, b) => (ascending ? key(a) - key(b) : key(b) - key(a)) || place(a) - place(b));
    body.append(...rows);
    for (const head of table.tHead.querySelectorAll('[data-by]')) {
      const own = head.getAttribute('data-by') === by;
      head.setAttribute('aria-sort', own ? (ascending ? 'ascending' : 'descending') : 'none');
    }
  };
  for (const table of document.querySelectorAll('table.layers')) {
    for (const head of table.tHead.querySelectorAll('[data-by]')) {
      const by = head.getAttribute('data-by');
      const button = document.createElement('button');
      button.type = 'button';
      button.append(...head.childNodes);
      head.append(button);
      head.setAttribute('aria-sort', by === 'place' ? 'ascending' : 'none');
      button.addEventListener('click', () => {
        const now = head.getAttribute('aria-sort');
        // Places go up at first, bytes go down.
        sort(table, by, now === 'none' ? by === 'place' : now === 'descending');
      });
    }
  }
  // The button is there only where something can be copied.
  for (const diff of navigator.clipboard ? document.querySelectorAll('.diff') : []) {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'copy';
    button.textContent = 'Copy';
    diff.before(button);
    button.addEventListener('click', async () => {
      try {
        await navigator.clipboard.writeText(diff.textContent);
        button.textContent = 'Copied';
      } catch {
        button.textContent = 'The browser does not allow it';
      }
    });
  }
  const canvas = document.querySelector('.canvas');
  const readout = document.querySelector('.readout');
  if (canvas && readout) {
    const idle = readout.textContent;
    const show = event => {
      const tile = event.target.closest('.tile');
      readout.textContent = tile ? tile.getAttribute('aria-label') : idle;
    };
    const hide = () => { readout.textContent = idle; };
    canvas.addEventListener('pointerover', show);
    canvas.addEventListener('focusin', show);
    canvas.addEventListener('pointerleave', hide);
    canvas.addEventListener('focusout', hide);
  }
  document.documentElement.classList.add('sortable');
})();
