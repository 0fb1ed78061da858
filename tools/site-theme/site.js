// What the site does beyond mdBook: a way past the sidebar, a filter for the list of rules.
(function () {
    'use strict';

    const past = document.createElement('a');
    past.className = 'past';
    past.href = '#mdbook-content';
    past.textContent = 'Skip to the page';
    document.body.prepend(past);

    const search = document.getElementById('mdbook-searchbar');
    if (search) {
        search.placeholder = 'A rule, DL3006, a word …';
        search.setAttribute('aria-label', 'Search');
    }

    // A link to something in the folded tests opens them.
    const open = () => {
        const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
        if (target && target.closest('details')) target.closest('details').open = true;
    };
    addEventListener('hashchange', open);
    open();

    const place = document.getElementById('filter');
    if (!place) return;
    const options = (name, values) =>
        `<select aria-label="${name}" data-of="${name}"><option value="">any ${name}</option>` +
        values.map(value => `<option>${value}</option>`).join('') + '</select>';
    place.innerHTML =
        '<input type="search" aria-label="Filter the rules" placeholder="Filter: a name, a word, DL3006 …">' +
        options('preset', ['default', 'strict', 'asked']) + options('fix', ['safe', 'unsafe', 'none']) +
        '<span role="status"></span>';
    const rows = [...document.querySelectorAll('table.rules tbody tr')];
    const texts = rows.map(row => (row.textContent + ' ' + row.dataset.more).toLowerCase());
    const input = place.querySelector('input');
    const status = place.querySelector('span');
    const apply = () => {
        const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
        const wanted = [...place.querySelectorAll('select')].filter(select => select.value);
        let shown = 0;
        rows.forEach((row, n) => {
            const fits = words.every(word => texts[n].includes(word)) &&
                wanted.every(select => row.dataset[select.dataset.of] === select.value);
            row.hidden = !fits;
            shown += fits;
        });
        // What is empty goes with its heading and the line about it.
        document.querySelectorAll('table.rules').forEach(table => {
            const none = ![...table.tBodies[0].rows].some(row => !row.hidden);
            let at = table.closest('.table-wrapper') || table;
            for (; at && at.tagName !== 'H2'; at = at.previousElementSibling) at.hidden = none;
            if (at) at.hidden = none;
        });
        status.textContent = shown === rows.length ? '' : `${shown} of ${rows.length}`;
    };
    place.addEventListener('input', apply);
})();
