// What makes the pictures of org.lens4j.viz answer to pointer and keyboard. Every picture carries this script and is whole
// without it: Figure.java puts the still picture before it, and a notebook that strips scripts shows that one.
// It keeps nothing in the page, so it may run any number of times; a figure it has seen once is left alone.
(() => {
  'use strict';

  const CSS = `
    .lens4j-still[hidden] { display: none !important }
    .lens4j figcaption { text-align: left; margin: 0 0 8px }
    .lens4j :focus { outline: none }
    .lens4j :focus-visible { outline: 2px solid #000; box-shadow: 0 0 0 4px #fff; position: relative; z-index: 1 }
    .lens4j svg :focus-visible { outline: 2px solid currentColor; box-shadow: none }
    .lens4j svg { font: 12px sans-serif; fill: currentColor; max-width: none; overflow: visible }
    .lens4j button { font: inherit; font-size: 12px; color: inherit; background: transparent; border: 2px solid transparent;
      border-radius: 4px; padding: 3px; margin: 0 6px 6px 0; cursor: pointer; line-height: 1.3; vertical-align: top }
    .lens4j button canvas { display: block; width: 6.5em; height: 6.5em; image-rendering: pixelated; margin: 0 0 2px }
    .lens4j button[data-shown] { border-color: #808080 }
    .lens4j button[aria-pressed=true] { font-weight: bold; border-color: currentColor }
    .lens4j .lens4j-bars { border-collapse: collapse; margin: 0; border: none; color: inherit; font-size: 13px }
    .lens4j-bars tr, .lens4j-bars tr:hover { background: transparent !important }
    .lens4j .lens4j-bars td, .lens4j .lens4j-bars th { padding: 2px 8px 2px 0; border: none; white-space: nowrap; text-align: left;
      font-weight: normal; max-width: none }
    .lens4j .lens4j-bars th[scope=row], .lens4j .lens4j-bars .lens4j-number { text-align: right; font-variant-numeric: tabular-nums }
    .lens4j-bars i { display: block; width: 24em; position: relative; height: 14px }
    .lens4j-bars i:after, .lens4j-bars s { content: ''; position: absolute; top: 0; bottom: 0; forced-color-adjust: none }
    .lens4j-bars i:after { left: var(--zero); border-left: 1px solid currentColor; top: -4px; bottom: -4px }
    .lens4j-tree { font-size: 13px; margin: 6px 0 0; line-height: 1.6 }
    .lens4j-tree details, .lens4j-tree div { margin: 0 0 0 1.2em }
    .lens4j-tree summary { cursor: pointer; margin: 0 0 0 -1em; display: list-item }
    .lens4j-tree small { white-space: pre; opacity: .8 }
    .lens4j-tree code { background: transparent; color: inherit }
    .lens4j-swatch { display: inline-block; width: 1em; height: .8em; margin: 0 4px 0 0; forced-color-adjust: none }
    .lens4j [data-show] { cursor: pointer }
    .lens4j text[aria-pressed=true] { font-weight: bold; text-decoration: underline }
    .lens4j input { font: inherit; color: inherit; background: transparent; border: 1px solid #808080; padding: 2px 6px }
    .lens4j-bar { display: inline-block; width: 140px; height: 10px; forced-color-adjust: none; margin: 0 4px }
    .lens4j-big { overflow-x: auto; padding: 5px 5px 9px }
    .lens4j-big table { border-collapse: separate; border-spacing: 1px; margin: 0; font-size: 12px; width: auto;
      table-layout: auto; border: none; color: inherit }
    .lens4j-big tr, .lens4j-big tr:hover { background: transparent !important }
    .lens4j .lens4j-big td { padding: 0; border: none; text-align: center; white-space: nowrap; overflow: hidden;
      text-overflow: ellipsis; forced-color-adjust: none }
    .lens4j .lens4j-big th { padding: 0 5px 0 0; border: none; text-align: right; font-weight: normal; white-space: nowrap;
      line-height: 1.2; max-width: none }
    .lens4j .lens4j-big th[scope=col] { padding: 0 0 0 4px; text-align: left }
    .lens4j .lens4j-big .lens4j-foot th { padding: 4px 0 0; text-align: center; overflow: hidden; text-overflow: ellipsis }
    .lens4j .lens4j-big .lens4j-foot th[style*=vertical] { text-align: left }
    .lens4j-text { display: table; margin: 0 0 12px }
    .lens4j-text div { display: table-row }
    .lens4j-text b { display: table-cell; text-align: right; padding: 0 10px 0 0; white-space: nowrap }
    .lens4j-text p { display: table-cell; line-height: 1.9; overflow-wrap: anywhere }
    .lens4j-text span { padding: 2px 1px; margin: 0 1px 0 0; forced-color-adjust: none }
    .lens4j .lens4j-peak { font-weight: bold; text-decoration: underline }
    .lens4j th.lens4j-on { font-weight: bold; text-decoration: underline }
    .lens4j-dim [data-part]:not(.lens4j-on) { opacity: .03 }
    .lens4j-tip { position: fixed; z-index: 99999; pointer-events: none; white-space: pre-wrap; max-width: 90vw;
      padding: 4px 8px; border-radius: 4px; font: 13px/1.4 monospace; background: #1f1f1f; color: #fff; border: 1px solid #fff }
    @media (prefers-color-scheme: dark) { .lens4j-tip { background: #f4f4f4; color: #111; border-color: #111 } }
    [data-jp-theme-light=true] .lens4j-tip, .vscode-light .lens4j-tip
      { background: #1f1f1f; color: #fff; border-color: #fff }
    [data-jp-theme-light=false] .lens4j-tip, .vscode-dark .lens4j-tip
      { background: #f4f4f4; color: #111; border-color: #111 }`;

  const escaped = text => text.replace(/[&<>"]/g, c => ({'&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;'})[c]);
  const made = (tag, name, parent) => {
    const element = document.createElement(tag);
    element.className = name;
    parent.append(element);
    return element;
  };
  const middle = element => {
    const box = element.getBoundingClientRect();
    return [box.left + box.width / 2, box.top + box.height / 2];
  };

  // --- What is said about a place, where the pointer is or the focus ---

  let tip = null;
  const hush = () => {
    if (tip) tip.remove();
    tip = null;
  };
  const say = (element, x, y) => {
    hush();
    const home = element.getRootNode();
    tip = made('div', 'lens4j-tip', home.body || home);
    tip.setAttribute('role', 'tooltip');
    tip.textContent = element.dataset.tip;
    const box = tip.getBoundingClientRect();
    const high = y - box.height - 12;
    tip.style.left = Math.max(4, Math.min(x + 12, innerWidth - box.width - 4)) + 'px';
    tip.style.top = (high > 4 ? high : y + 18) + 'px';
  };
  const tips = body => {
    const at = event => event.target.closest('[data-tip]');
    body.addEventListener('pointermove', event => at(event) ? say(at(event), event.clientX, event.clientY) : hush());
    // A page that scrolls to what has the focus leaves a resting pointer behind.
    body.addEventListener('pointerleave', () => {
      const focused = body.querySelector('[data-tip]:focus-visible');
      if (focused) say(focused, ...middle(focused));
      else hush();
    });
    body.addEventListener('focusout', hush);
    body.addEventListener('focusin', event => {
      const element = at(event);
      if (element && element.matches(':focus-visible')) {
        element.setAttribute('aria-label', element.dataset.tip);
        say(element, ...middle(element));
      }
    });
  };

  // --- Arrow keys: to the nearest neighbour in that direction. Each group is one tab stop ---

  const ARROWS = {ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1]};
  const neighbour = (items, from, key) => {
    const [right, down] = ARROWS[key];
    const [x, y] = middle(from);
    let best = null;
    let least = Infinity;
    for (const item of items) {
      const [itemX, itemY] = middle(item);
      const ahead = (itemX - x) * right + (itemY - y) * down;
      const aside = Math.abs((itemX - x) * down) + Math.abs((itemY - y) * right);
      if (ahead > 1 && aside < 2 * ahead && ahead + 4 * aside < least) {
        best = item;
        least = ahead + 4 * aside;
      }
    }
    // At the end of a line of text the next line goes on.
    return best || (right && items[items.indexOf(from) + right]) || from;
  };
  const keys = (group, selector) => {
    const items = [...group.querySelectorAll(selector)];
    const stop = item => items.forEach(one => one.setAttribute('tabindex', one === item ? 0 : -1));
    if (items.length) stop(items[0]);
    group.addEventListener('focusin', event => items.includes(event.target) && stop(event.target));
    group.addEventListener('keydown', event => {
      if (!items.includes(event.target)) return;
      if (event.key in ARROWS) {
        neighbour(items, event.target, event.key).focus();
      } else if (event.key === 'Home' || event.key === 'End') {
        items[event.key === 'Home' ? 0 : items.length - 1].focus();
      } else if (event.key === 'Escape') {
        hush();
      } else if (event.key === 'Enter' || event.key === ' ') {
        event.target.dispatchEvent(new MouseEvent('click', {bubbles: true}));
      } else {
        return;
      }
      // The notebook has its own use for these keys.
      event.preventDefault();
      event.stopPropagation();
    });
  };

  // --- Heat maps: one large, and where there are several, small ones to choose from ---

  const channels = color => [1, 3, 5].map(i => parseInt(color.slice(i, i + 2), 16));
  const colored = (sheet, value) => {
    const stops = sheet.colors.map(channels);
    const place = Math.max(0, Math.min(1, (value - sheet.min) / (sheet.max - sheet.min))) * (stops.length - 1);
    const below = Math.min(Math.floor(place), stops.length - 2);
    return stops[below].map((from, i) => Math.round(from + (place - below) * (stops[below + 1][i] - from)));
  };
  // Black or white, whichever has the greater contrast: they meet where the luminance is 0.179.
  const ink = color => {
    const [r, g, b] = color.map(c => c / 255 <= .04045 ? c / 255 / 12.92 : ((c / 255 + .055) / 1.055) ** 2.4);
    return .2126 * r + .7152 * g + .0722 * b > .179 ? '#000' : '#fff';
  };
  const numbers = (sheet, panel) =>
    panel.values.split(',').map(text => text === '' ? NaN : text / 10 ** sheet.digits);

  const small = (sheet, panel, canvas) => {
    canvas.width = sheet.columns.length;
    canvas.height = sheet.rows.length;
    const pen = canvas.getContext('2d');
    const pixels = pen.createImageData(canvas.width, canvas.height);
    numbers(sheet, panel).forEach((value, i) => {
      if (!isNaN(value)) pixels.data.set([...colored(sheet, value), 255], 4 * i);
    });
    pen.putImageData(pixels, 0, 0);
  };

  const shortened = label => {
    const points = [...label];
    return points.length > 14 ? points.slice(0, 9).join('') + '…' + points.slice(-4).join('') : label;
  };
  const WORD = 58;
  const longest = texts => texts.reduce((most, text) => Math.max(most, [...text].length), 0);
  // Cells with words are as wide as the room allows, and no narrower than a short word needs; others are square.
  const cellSize = (sheet, room) => {
    const across = sheet.columns.length;
    const texts = sheet.panels.flatMap(panel => panel.texts || []);
    if (texts.length) {
      const least = Math.min(WORD, 7 * longest(texts) + 6);
      const beside = 7 * Math.min(14, longest(sheet.rows)) + 20;
      return [Math.max(least, Math.min(74, Math.floor((room - beside) / across) - 1)), 26];
    }
    const side = Math.floor(Math.min((room - 150) / across - 1, 540 / Math.max(across, sheet.rows.length)));
    const clipped = Math.max(7, Math.min(30, side));
    return [clipped, clipped];
  };
  const large = (sheet, panel, [wide, high]) => {
    const values = numbers(sheet, panel);
    const across = sheet.columns.length;
    const texts = panel.texts;
    const flat = texts && wide >= WORD || sheet.columns.every(label => label.length * 7 <= wide);
    const head = (scope, i, step, more) => {
      const label = sheet[scope === 'row' ? 'rows' : 'columns'][i];
      const fits = texts && flat && scope === 'col' ? label : shortened(label);
      return `<th scope="${scope}" data-${scope}="${i}"${more}>${i % step ? '' : escaped(fits)}</th>`;
    };
    const step = Math.ceil(13 / high);
    // Of several maps a place says its own.
    const where = sheet.panels.length > 1 && panel.name ? panel.name + ', ' : '';
    const line = `line-height:${Math.min(16, high)}px`;
    // Where no position sees a later one, the keys' labels stand in the room above the diagonal, and widen no column.
    const key = i => i < across ? head('col', i, step, ` style="${line};max-width:0;overflow:visible"`) : '';
    const cell = (row, column) => {
      const i = row * across + column;
      if (isNaN(values[i])) return '<td></td>';
      const color = colored(sheet, values[i]);
      const place = [sheet.rows[row], sheet.columns[column]].map((label, axis) => label && sheet.axes[axis] + label)
        .filter(label => label).join(sheet.between);
      const more = panel.more ? '\n' + panel.more[i] : ' : ' + values[i].toFixed(sheet.digits);
      const text = texts ? `;color:${ink(color)};max-width:${wide}px">${escaped(texts[i])}` : '">';
      return `<td data-at="${row},${column}" data-tip="${escaped(where + place + more)}" style="background:rgb(${color})${text}</td>`;
    };
    const row = (_, i) => {
      let cells = head('row', i, step, ` style="${line}"`);
      for (let column = 0; column < (sheet.causal ? i + 1 : across); column++) cells += cell(i, column);
      return `<tr style="height:${high}px">${cells}${sheet.causal ? key(i + 1) : ''}</tr>`;
    };
    const foot = (_, i) => flat
      ? head('col', i, 1, ` style="max-width:${wide}px"`)
      : head('col', i, Math.ceil(13 / wide), ' style="writing-mode:vertical-rl"');
    return '<table aria-label="' + escaped(panel.name || sheet.title) + '"><colgroup><col><col span="' + across
      + `" style="width:${wide}px;min-width:${wide}px"></colgroup>` + (sheet.causal ? `<tr><td></td>${key(0)}</tr>` : '')
      + sheet.rows.map(row).join('')
      + (sheet.causal ? '' : `<tr class="lens4j-foot" style="vertical-align:top"><td></td>${sheet.columns.map(foot).join('')}</tr>`)
      + '</table>';
  };

  const maps = (body, sheet, figure) => {
    body.innerHTML = sheet.caption;
    const several = sheet.panels.length > 1;
    const row = made('div', '', body);
    const title = made('div', '', body);
    const big = made('div', 'lens4j-big', body);
    let kept = 0;
    let shown = -1;
    let size = [];
    const show = i => {
      const fits = cellSize(sheet, figure.clientWidth);
      if (i !== shown || fits[0] !== size[0]) {
        shown = i;
        size = fits;
        big.innerHTML = large(sheet, sheet.panels[i], size);
        keys(big.firstChild, 'td[data-tip]');
      }
      title.innerHTML = `<b>${escaped(sheet.panels[i].name)}</b>`;
      [...row.querySelectorAll('button')].forEach((button, at) => {
        button.toggleAttribute('data-shown', at === i);
        button.setAttribute('aria-pressed', at === kept);
      });
    };
    const back = () => show(kept < 0 ? shown : kept);
    if (several) {
      row.setAttribute('role', 'toolbar');
      row.setAttribute('aria-label', sheet.title);
      title.setAttribute('aria-live', 'polite');
      sheet.panels.forEach((panel, i) => {
        const button = made('button', '', row);
        button.type = 'button';
        small(sheet, panel, made('canvas', '', button));
        button.append(panel.name);
        button.addEventListener('pointerenter', () => show(i));
        button.addEventListener('focus', () => button.matches(':focus-visible') && show(i));
        button.addEventListener('click', () => {
          kept = kept === i ? -1 : i;
          show(i);
        });
      });
      keys(row, 'button');
      made('div', '', row).innerHTML = '<small>Point at a map to see it large, click to keep it. Or Tab, arrow keys and Enter.</small>';
      row.addEventListener('pointerleave', back);
      row.addEventListener('focusout', event => row.contains(event.relatedTarget) || back());
    }
    const mark = event => {
      big.querySelectorAll('.lens4j-on').forEach(one => one.classList.remove('lens4j-on'));
      const cell = event.target.closest('[data-at]');
      if (cell) {
        const [at, over] = cell.dataset.at.split(',');
        big.querySelectorAll(`[data-row="${at}"], [data-col="${over}"]`).forEach(one => one.classList.add('lens4j-on'));
      }
    };
    big.addEventListener('pointermove', mark);
    big.addEventListener('focusin', mark);
    show(0);
    new ResizeObserver(() => show(shown)).observe(figure);
  };

  // --- Lines: pointing at a token or head leaves only its own ---

  const lines = body => {
    const controls = [...body.querySelectorAll('[data-show]')];
    if (!controls.length) return;
    const kind = name => name[0] === 'h' ? 'head' : 'token';
    const kept = {};
    const show = hovered => {
      const wanted = Object.values({...kept, ...hovered}).filter(name => name);
      body.querySelectorAll('[data-part]').forEach(part =>
        part.classList.toggle('lens4j-on', wanted.every(name => part.dataset.part.split(' ').includes(name))));
      body.querySelector('svg').classList.toggle('lens4j-dim', wanted.length > 0);
    };
    for (const control of controls) {
      const name = control.dataset.show;
      const only = () => show({[kind(name)]: name});
      control.addEventListener('pointerenter', only);
      control.addEventListener('focus', () => control.matches(':focus-visible') && only());
      control.addEventListener('pointerleave', () => show({}));
      control.addEventListener('blur', () => show({}));
      control.addEventListener('click', () => {
        kept[kind(name)] = kept[kind(name)] === name ? null : name;
        controls.forEach(one => one.setAttribute('aria-pressed', kept[kind(one.dataset.show)] === one.dataset.show));
        show({});
      });
    }
  };

  // --- Trees: only the branches with a word ---

  const tree = body => {
    const root = body.querySelector('.lens4j-tree');
    if (!root) return;
    const box = document.createElement('input');
    box.placeholder = 'show names with …';
    box.setAttribute('aria-label', box.placeholder);
    root.before(box);
    // A notebook takes letters for commands unless told not to.
    for (const event of ['keydown', 'keypress', 'keyup']) {
      box.addEventListener(event, it => it.stopPropagation());
      // Nor is a branch folded by a key the notebook took.
      root.addEventListener(event, it => (it.key === 'Enter' || it.key === ' ') && it.stopPropagation());
    }
    box.addEventListener('input', () => {
      const leaves = [...root.querySelectorAll('[data-name]')];
      // Branches that differ in their number stand together.
      const word = box.value.trim().replace(/(^|\.)\d+(?=\.|$)/g, '$1#');
      leaves.forEach(leaf => { leaf.hidden = !leaf.dataset.name.includes(word) });
      root.querySelectorAll('details').forEach(branch => {
        branch.hidden = !branch.querySelector('[data-name]:not([hidden])');
        if (word) branch.open = true;
      });
    });
  };

  // --- Every figure once, wherever and whenever it comes into the page ---

  const alive = figure => {
    const [still, given] = figure.children;
    const body = document.createElement('div');
    if (given.type === 'application/json') {
      maps(body, JSON.parse(given.textContent), figure);
    } else {
      body.innerHTML = given.textContent;
      body.querySelectorAll('[role=toolbar]').forEach(bar => keys(bar, 'button'));
      body.querySelectorAll('table, svg, .lens4j-text').forEach(group => keys(group, '[data-tip]'));
      lines(body);
      tree(body);
    }
    tips(body);
    still.after(body);
    still.hidden = true;
  };
  const wake = root => {
    for (const figure of root.querySelectorAll('figure.lens4j')) {
      // One that is still being read has no script yet.
      if (figure.lens4j || figure.children.length < 3) continue;
      figure.lens4j = true;
      const home = figure.getRootNode();
      if (!home.querySelector('style[data-lens4j]')) {
        const style = made('style', '', home.head || home);
        style.dataset.lens4j = '';
        style.textContent = CSS;
      }
      alive(figure);
    }
  };
  const here = document.currentScript ? document.currentScript.getRootNode() : document;
  const all = () => [document, here].forEach(root => root.querySelectorAll && wake(root));
  all();
  // Jupyter Notebook runs a script before it puts the output into the page.
  setTimeout(all);
})();
