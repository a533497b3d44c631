// What pages do beyond being read: filter, sort, search, keys, follow what is live. Every page works without it.
// No text of a record becomes markup here: pages come whole from the server, which escapes.
const root = document.documentElement;
root.classList.add('scripted');
const all = (selector, within = document) => [...within.querySelectorAll(selector)];

/* Filters and search */
function applyFilter(input) {
  const wanted = input.value.trim().toLowerCase();
  const lists = (input.dataset.filter ?? input.dataset.search)
    .split(' ')
    .map((id) => document.getElementById(id));
  const rows = lists.flatMap((list) => (list === null ? [] : all('[data-row]', list)));
  const shown = rows.filter((row) => {
    const isIn = wanted === '' || row.textContent.toLowerCase().includes(wanted);
    row.classList.toggle('hidden', !isIn);
    return isIn;
  });
  const output = input.closest('label').querySelector('output');
  output.textContent = wanted === '' ? '' : `${shown.length} of ${rows.length}`;
}
/* Heard at the page: a conversation that begins later brings its field with it. */
const isFilter = (target) => target.matches?.('[data-filter], [data-search]') === true;
document.addEventListener('input', ({ target }) => {
  if (isFilter(target)) applyFilter(target);
});
document.addEventListener('keydown', (event) => {
  const { target } = event;
  if (!isFilter(target)) return;
  if (event.key === 'Escape') target.blur();
  if (event.key === 'Enter') {
    // What this page does not hold is asked for: the form is sent off.
    if (target.dataset.search !== undefined && target.dataset.whole === undefined && target.form !== null)
      return;
    event.preventDefault();
    target.blur();
    move(1);
  }
});

/* Sorting */
function makeSortable(table) {
  for (const head of all('th[data-sort]', table)) {
    if (head.querySelector('button') !== null) continue;
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'sort';
    // A head that is a link stays one; its button stands beside it.
    if (head.querySelector('a') === null) button.append(...head.childNodes);
    else {
      button.setAttribute('aria-label', `Sort by ${head.querySelector('a').textContent}`);
      button.textContent = ' ⇅';
    }
    head.append(button);
    button.addEventListener('click', () => sortBy(table, head));
  }
}
function sortBy(table, head) {
  const isUp = head.getAttribute('aria-sort') === 'ascending';
  for (const other of all('th', table)) other.removeAttribute('aria-sort');
  head.setAttribute('aria-sort', isUp ? 'descending' : 'ascending');
  const at = columnOf(head);
  const value = (row) => {
    const cell = cellAt(row, at);
    const text = cell?.dataset.value ?? cell?.textContent.trim() ?? '';
    return head.dataset.sort === 'number' ? Number(text) : text.toLowerCase();
  };
  const rows = all('tbody > tr', table).map((row) => ({ row, value: value(row) }));
  rows.sort((a, b) => (a.value < b.value ? -1 : a.value > b.value ? 1 : 0) * (isUp ? -1 : 1));
  table.tBodies[0].append(...rows.map(({ row }) => row));
}
function columnOf(head) {
  let at = 0;
  for (const cell of head.parentElement.cells) {
    if (cell === head) return at;
    at += cell.colSpan;
  }
  return at;
}
function cellAt(row, column) {
  let at = 0;
  for (const cell of row.cells) {
    if (at === column) return cell;
    at += cell.colSpan;
  }
  return null;
}
all('table[data-sortable]').forEach(makeSortable);

/* Choosing jobs to compare: the address is a file's name, so that an export has it too. */
const toId = (name) =>
  [...new TextEncoder().encode(name)]
    .map((byte) => {
      const letter = String.fromCharCode(byte);
      return /[\w.@-]/.test(letter) ? letter : `~${byte.toString(16).padStart(2, '0')}`;
    })
    .join('');
for (const form of all('form[data-compare]')) {
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const chosen = all('input[name=job]:checked', form).map(({ value }) => value);
    if (chosen.length >= 2)
      location.assign(`${document.body.dataset.root}compare/${chosen.map(toId).join(',')}.html`);
    else form.querySelector('output').textContent = 'choose two or more';
  });
}

/* Keys */
let current = null;
function move(step) {
  const rows = all('[data-row]').filter(
    (row) => !row.classList.contains('hidden') && row.getClientRects().length > 0,
  );
  if (rows.length === 0) return;
  const at = rows.indexOf(current);
  const next =
    rows[
      at < 0
        ? step > 0
          ? firstVisible(rows)
          : rows.length - 1
        : Math.max(0, Math.min(rows.length - 1, at + step))
    ];
  current?.classList.remove('current');
  current = next;
  next.classList.add('current');
  next.scrollIntoView({ block: next.tagName === 'LI' ? 'start' : 'nearest' });
  if (next.id.startsWith('turn-')) history.replaceState(null, '', `#${next.id}`);
}
function firstVisible(rows) {
  const found = rows.findIndex((row) => row.getBoundingClientRect().bottom > 60);
  return Math.max(0, found);
}
const keys = {
  j: () => move(1),
  k: () => move(-1),
  n: () => document.querySelector('[data-key="n"]')?.click(),
  p: () => document.querySelector('[data-key="p"]')?.click(),
  u: () => all('.top nav a').at(-1)?.click(),
  e: () => {
    const isOpen = document.body.classList.toggle('expanded');
    for (const details of all('main details')) details.open = isOpen;
  },
  '/': () => document.querySelector('input[type=search]')?.focus(),
  '?': () => document.getElementById('keys').showModal(),
  Enter: () => (current?.querySelector('[data-open]') ?? current?.querySelector('a'))?.click(),
};
document.addEventListener('keydown', (event) => {
  if (
    event.ctrlKey ||
    event.metaKey ||
    event.altKey ||
    event.target.closest('input, textarea, select, dialog')
  )
    return;
  if (event.key === 'Enter' && event.target.closest('a, button, summary')) return;
  const act = keys[event.key];
  if (act === undefined) return;
  event.preventDefault();
  act();
});

/* Live pages: told that something changed, the page fetches itself and takes over the parts that differ. */
const live = document.body.dataset.live;
let fetching = false;
let again = false;
async function refresh() {
  if (fetching) {
    again = true;
    return;
  }
  fetching = true;
  try {
    const answer = await fetch(location.href, { headers: { accept: 'text/html' } });
    if (answer.ok) takeOver(new DOMParser().parseFromString(await answer.text(), 'text/html'));
  } finally {
    fetching = false;
    if (again) {
      again = false;
      setTimeout(refresh, 300);
    }
  }
}
function takeOver(fresh) {
  for (const part of all('[data-live-part]', fresh)) {
    const old = document.getElementById(part.id);
    if (old !== null && old.innerHTML !== part.innerHTML) replace(old, part);
  }
  for (const list of all('[data-live-list]', fresh)) {
    const old = document.getElementById(list.id);
    // The conversation begins while the page is open.
    if (old === null) {
      const section = list.closest('section');
      document.getElementById(section?.id)?.replaceWith(document.importNode(section, true));
      continue;
    }
    for (const item of all(':scope > li', list)) {
      const known = document.getElementById(item.id);
      if (known === null) old.append(document.importNode(item, true));
      else if (known.innerHTML !== item.innerHTML) replace(known, item);
    }
  }
  all('[data-filter], [data-search]').forEach(applyFilter);
  if (fresh.body.dataset.live === undefined) {
    stream?.close();
    document.querySelector('.live')?.remove();
    document.querySelector('[data-follow]')?.closest('label').remove();
  }
  follow();
}
/* A running turn stays in sight until its reader moves away. */
function follow() {
  for (const end of all('[data-end]')) end.scrollTop = end.scrollHeight;
  if (document.querySelector('[data-follow]')?.checked !== true) return;
  document.getElementById('running-output')?.scrollIntoView({ block: 'end' });
}
function leave() {
  const box = document.querySelector('[data-follow]');
  if (box !== null) box.checked = false;
}
for (const move of ['wheel', 'touchmove']) document.addEventListener(move, leave, { passive: true });
document.addEventListener('change', (event) => event.target.matches('[data-follow]') && follow());
document.addEventListener(
  'keydown',
  ({ key }) => /^(Arrow(Up|Down)|Page(Up|Down)|Home|End|j|k)$/.test(key) && leave(),
);
function replace(old, part) {
  const open = all('details', old).map(({ open: isOpen }) => isOpen);
  const chosen = new Set(all('input:checked', old).map(({ value }) => value));
  const copy = document.importNode(part, true);
  old.replaceWith(copy);
  all('details', copy).forEach((details, index) => (details.open = open[index] ?? details.open));
  for (const input of all('input[type=checkbox]', copy)) input.checked = chosen.has(input.value);
  if (copy.matches('table[data-sortable]')) makeSortable(copy);
  all('table[data-sortable]', copy).forEach(makeSortable);
}
if (location.hash !== '') leave();
follow();
let stream = null;
if (live !== undefined) {
  stream = new EventSource(live);
  stream.addEventListener('change', () => void refresh());
  // Times go on without an event.
  stream.addEventListener('beat', () => void refresh());
  // After a sleep or a restart of the viewer the page may be old.
  stream.addEventListener('open', () => void refresh());
}
