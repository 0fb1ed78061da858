#!/usr/bin/env python3
"""Looks at the pages of `dlint size --format html` as a person would, in headless Chromium.

    tools/try_page.py [--dlint PROGRAM] [--out FOLDER] [ARGUMENTS OF dlint size]...

Each further word is a project to plan (`testdata/flask-naive`); by default those of testdata and some that this script
makes: a large one, an empty one, a hostile one. A page is opened in light, dark and on a phone, from a folder of its own.
Checked are: nothing is loaded, nothing is logged, nothing scrolls sideways, nothing moves once it is shown, the text has the
contrast of WCAG AA, the table can be sorted by mouse and keyboard, boxes have the areas of their bytes, all works without a
script. Screenshots and a PDF go to FOLDER.

Needs `chromium` (Debian: apt-get install chromium). It is driven over two pipes, by the DevTools protocol."""

import argparse
import base64
import hashlib
import html
import io
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent

LARGE = "\n".join(
    ["FROM node:20 AS web", "WORKDIR /web", "COPY web .", "RUN npm ci && npm run build", "", "FROM python:3.12", "WORKDIR /srv"]
    + [
        "RUN apt-get update",
        "RUN apt-get install -y build-essential libpq-dev",
        "RUN apt-get update && apt-get install -y curl git \\\n    && apt-get install -y ffmpeg \\\n    && rm -rf /var/lib/apt/lists/*",
        "RUN pip install -r requirements.txt",
        "COPY --from=web /web/dist static",
    ]
    + [f"COPY part{n} /srv/part{n}" for n in range(20)]
    + ["RUN chown -R www-data /srv", "COPY . .", "RUN make install", 'CMD ["python", "-m", "srv"]', ""]
)
HOSTILE = (
    "FROM </title><script>console.log(1)</script> AS x\n"
    "FROM debian:13\n"
    "RUN echo '</code><img src=http://localhost:9/x onerror=console.log(2)>' \u202e\u2066 \"'\n"
    "COPY <!-- <b>/ /\n"
    f"RUN apt-get update && echo {'very-long-line' * 3000}\n"
    f"RUN {'x ' * 3000}\n"
)

CHECKS = """(() => {
  const wrong = [];
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) wrong.push(`the page is ${root.scrollWidth} wide`);
  const parse = text => (text.match(/[\\d.]+/g) || []).map(Number);
  const over = (top, under) => {
    const a = top.length > 3 ? top[3] : 1;
    return [0, 1, 2].map(i => top[i] * a + under[i] * (1 - a));
  };
  const ground = element => {
    const behind = [];
    for (let at = element; at; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      behind.push(colour);
      if (colour.length === 3 || colour[3] === 1) break;
    }
    return behind.reverse().reduce((under, top) => over(top, under), [255, 255, 255]);
  };
  const light = rgb => {
    const [r, g, b] = rgb.map(v => v / 255).map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
    return .2126 * r + .7152 * g + .0722 * b;
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let least = 21;
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || ['SCRIPT', 'STYLE'].includes(element.tagName)) continue;
    const box = element.getBoundingClientRect();
    if (!box.width || !box.height) continue;
    const style = getComputedStyle(element);
    const below = ground(element);
    const [a, b] = [light(over(parse(style.color), below)), light(below)].sort((x, y) => y - x);
    const contrast = (a + .05) / (b + .05);
    least = Math.min(least, contrast);
    if (contrast < 4.5) wrong.push(`contrast ${contrast.toFixed(2)}: ${texts.currentNode.data.slice(0, 40)}`);
    if (parseFloat(style.fontSize) < 12) wrong.push(`small text: ${texts.currentNode.data.slice(0, 40)}`);
  }
  const map = document.querySelector('.map');
  if (map) {
    const whole = map.getBoundingClientRect();
    let area = 0;
    for (const item of map.children) {
      const box = item.getBoundingClientRect();
      area += box.width * box.height;
      if (box.left < whole.left - .5 || box.right > whole.right + .5 || box.top < whole.top - .5 || box.bottom > whole.bottom + .5)
        wrong.push('a box sticks out');
      const row = document.querySelector(item.querySelector('a').getAttribute('href') + '[data-bytes]');
      if (!row) continue;
      let sum = 0;
      for (const other of row.parentElement.children) sum += Number(other.dataset.bytes);
      const is = box.width * box.height / (whole.width * whole.height);
      if (Math.abs(is - row.dataset.bytes / sum) > .004) wrong.push(`a box of ${is}, not ${row.dataset.bytes / sum}`);
    }
    if (Math.abs(area / (whole.width * whole.height) - 1) > .01) wrong.push(`boxes have ${area} of ${whole.width * whole.height}`);
  }
  return JSON.stringify({wrong, least: least.toFixed(2)});
})()"""

SORT = """(by => {
  const out = [];
  for (const table of document.querySelectorAll('table.layers')) {
    const head = table.querySelector(`[data-by=${by}]`);
    head.querySelector('button').click();
    const rows = [...table.tBodies[0].rows].map(r => Number(r.getAttribute('data-' + by)));
    out.push({sort: head.getAttribute('aria-sort'), rows,
      others: [...table.querySelectorAll('[aria-sort]')].filter(h => h !== head && h.getAttribute('aria-sort') !== 'none').length});
  }
  return JSON.stringify(out);
})"""

# Runs before anything else of the page.
WATCH = """window.moved = 0;
new PerformanceObserver(list => list.getEntries().forEach(e => { window.moved += e.value; })).observe({type: 'layout-shift', buffered: true});
addEventListener('securitypolicyviolation', e => console.log('policy: ' + e.violatedDirective));"""


class Browser:
    """Chromium over two pipes: messages that end with a zero byte."""

    def __init__(self, program):
        self.profile = tempfile.mkdtemp()
        to_read, self.to = os.pipe()
        self.back, back_write = os.pipe()

        # The browser reads from 3 and writes to 4.
        run = 'exec "$@" 3<&%d 4>&%d' % (to_read, back_write)
        self.process = subprocess.Popen(
            ["bash", "-c", run, "chromium", program, "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
             "--remote-debugging-pipe", "--no-first-run", "--disable-background-networking", "--disable-component-update",
             f"--user-data-dir={self.profile}", "about:blank"],
            pass_fds=(to_read, back_write), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_read)
        os.close(back_write)
        self.buffer, self.number, self.events, self.session = b"", 0, [], None

    def receive(self):
        while b"\0" not in self.buffer:
            data = os.read(self.back, 1 << 20)
            if not data:
                sys.exit("Chromium has gone")
            self.buffer += data
        message, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(message)

    def call(self, method, **params):
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if self.session and not method.startswith("Target."):
            message["sessionId"] = self.session
        os.write(self.to, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.receive()
            if answer.get("id") == self.number:
                if "error" in answer:
                    sys.exit(f"{method}: {answer['error']}")
                return answer["result"]
            self.events.append(answer)

    def tab(self):
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")

    def wait(self, method):
        while not any(e.get("method") == method for e in self.events):
            self.events.append(self.receive())

    def evaluate(self, text):
        result = self.call("Runtime.evaluate", expression=text, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            sys.exit(str(result["exceptionDetails"]))
        return result["result"].get("value")

    def close(self):
        self.call("Target.setDiscoverTargets", discover=False)
        self.session = None
        self.call("Browser.close")
        self.process.wait()
        shutil.rmtree(self.profile, ignore_errors=True)


def visit(browser, page, name, out, look, wrong):
    """Opens a page in one look, checks it, and takes pictures."""
    scheme, width, height, script = look["scheme"], look["width"], look["height"], look.get("script", True)
    browser.tab()
    browser.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
    browser.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 500)
    browser.call("Emulation.setScriptExecutionDisabled", value=not script)
    browser.call("Page.addScriptToEvaluateOnNewDocument", source=WATCH)
    browser.events.clear()
    browser.call("Page.navigate", url=page.as_uri())
    browser.wait("Page.loadEventFired")

    def say(text):
        wrong.append(f"{name}, {look['name']}: {text}")

    # Observers hear of it after the next frame.
    frames = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => done(window.moved)))))"
    moved = browser.evaluate(frames) if script else 0
    if moved:
        say(f"the layout moved by {moved} while it was shown")
    found = json.loads(browser.evaluate(CHECKS))
    for text in found["wrong"][:5]:
        say(text)
    size = browser.call("Page.getLayoutMetrics")["cssContentSize"]
    clip = {"x": 0, "y": 0, "width": width, "height": min(size["height"], 6000), "scale": 1}
    shot = browser.call("Page.captureScreenshot", clip=clip, captureBeyondViewport=True)["data"]
    (out / f"{name}-{look['name']}.png").write_bytes(base64.b64decode(shot))
    if script:
        for by, first in (("bytes", "descending"), ("waste", "descending"), ("place", "ascending")):
            for want in (first, "ascending" if first == "descending" else "descending"):
                for table in json.loads(browser.evaluate(f"{SORT}({by!r})")):
                    rows = sorted(table["rows"], reverse=want == "descending")
                    if table["rows"] != rows or table["sort"] != want or table["others"]:
                        say(f"not sorted by {by}, {want}: {table}")
        # By the keyboard, too: Enter on the button of the column.
        browser.evaluate("document.querySelector('[data-by=bytes] button')?.focus()")
        for kind in ("rawKeyDown", "char", "keyUp"):
            browser.call("Input.dispatchKeyEvent", type=kind, key="Enter", code="Enter", windowsVirtualKeyCode=13, text="\r")
        if browser.evaluate("document.querySelector('[data-by=bytes]')?.getAttribute('aria-sort')") not in ("descending", None):
            say("the keyboard does not sort")
        # The first box takes the focus, says what it is, and leads to its row.
        focused = browser.evaluate("""(() => { const tile = document.querySelector('.tile'); if (!tile) return true; tile.focus();
            const said = document.querySelector('.readout').textContent === tile.getAttribute('aria-label');
            const own = document.activeElement === tile;
            // A box leads to its row, or opens to what is in it.
            tile.click(); const done = tile.tagName === 'A' ? location.hash === tile.getAttribute('href') : tile.parentElement.open;
            return said && own && done; })()""")
        if not focused:
            say("a box does not say what it is, or leads nowhere")
    else:
        if browser.evaluate("document.querySelectorAll('button').length"):
            say("there are buttons that do nothing")
    browser.evaluate("1")
    for event in browser.events:
        method, params = event.get("method"), event.get("params", {})
        if method == "Network.requestWillBeSent" and not params["request"]["url"].startswith((page.as_uri(), "about:")):
            say(f"loads {params['request']['url']}")
        if method in ("Runtime.consoleAPICalled", "Log.entryAdded", "Runtime.exceptionThrown"):
            say(f"logs {json.dumps(params)[:300]}")
    if look["name"] == "light":
        pdf = browser.call("Page.printToPDF", printBackground=True)["data"]
        (out / f"{name}.pdf").write_bytes(base64.b64decode(pdf))
    return found["least"]


def archive(path):
    """An image as `docker save` writes it, with waste."""
    layers = [
        ("ADD rootfs.tar /", {"bin/busybox": 1_200_000, "etc/os-release": 300}),
        ("RUN apk add build-base", {"usr/bin/gcc": 30_000_000, "var/cache/apk/index": 2_500_000, "usr/lib/libc.a": 5_000_000}),
        ("COPY . /app", {"app/model.bin": 12_000_000, "app/main.py": 9_000}),
        ("RUN chown -R 1000 /app", {"app/model.bin": 12_000_000, "app/main.py": 9_000}),
        ("RUN apk del build-base", {"usr/bin/.wh.gcc": 0, "usr/lib/.wh.libc.a": 0}),
    ]

    def packed(files):
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w") as tar:
            for name, data in files.items():
                entry = tarfile.TarInfo(name)
                entry.size = len(data)
                tar.addfile(entry, io.BytesIO(data))
        return out.getvalue()

    files, ids = {}, []
    for number, (_, contents) in enumerate(layers):
        data = packed({name: bytes(size) for name, size in contents.items()})
        files[f"{number}/layer.tar"] = data
        ids.append("sha256:" + hashlib.sha256(data).hexdigest())
    history = [{"created_by": made_by} for made_by, _ in layers]
    config = {"os": "linux", "architecture": "amd64", "created": "2026-11-01T10:00:00Z", "history": history,
              "rootfs": {"type": "layers", "diff_ids": ids}}
    manifest = [{"Config": "config.json", "RepoTags": ["example/app:1"], "Layers": list(files)}]
    files["config.json"], files["manifest.json"] = json.dumps(config).encode(), json.dumps(manifest).encode()
    path.write_bytes(packed(files))


def made(folder):
    """Projects that are made for this: name and Dockerfile."""
    large = folder / "large"
    for n in range(20):
        (large / f"part{n}").mkdir(parents=True)
        (large / f"part{n}" / "data.bin").write_bytes(bytes(1000 * 2**n if n < 15 else 1_000_000 * n))
    (large / "web").mkdir()
    (large / "web" / "package.json").write_text("{}")
    (large / "requirements.txt").write_text("flask\n")
    (large / "Dockerfile").write_text(LARGE)
    for name, text in (("empty", "FROM scratch\n"), ("unknown", "ARG IMAGE\nFROM $IMAGE\nRUN ./configure\nRUN make\n"), ("hostile", HOSTILE)):
        (folder / name).mkdir()
        (folder / name / "Dockerfile").write_text(text)
    archive(folder / "image.tar")
    several = folder / "several"
    for number in range(200):
        (several / f"service-{number}").mkdir(parents=True)
        (several / f"service-{number}" / "Dockerfile").write_text(HOSTILE if number == 7 else f"FROM debian:12\nRUN {number}\n")
    return [str(folder / name) for name in ("large", "empty", "unknown", "hostile", "image.tar", "several")]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dlint", default=str(ROOT / "target/debug/dlint"))
    parser.add_argument("--chromium", default=shutil.which("chromium") or "chromium")
    parser.add_argument("--out", type=pathlib.Path, help="where pictures go [default: a temporary folder]")
    parser.add_argument("projects", nargs="*")
    args = parser.parse_args()
    out = args.out or pathlib.Path(tempfile.mkdtemp(prefix="dlint-page-"))
    out.mkdir(parents=True, exist_ok=True)
    looks = [
        {"name": "light", "scheme": "light", "width": 1200, "height": 900},
        {"name": "dark", "scheme": "dark", "width": 1200, "height": 900},
        {"name": "phone", "scheme": "light", "width": 360, "height": 740},
        {"name": "phone-dark", "scheme": "dark", "width": 360, "height": 740},
        {"name": "no-script", "scheme": "light", "width": 800, "height": 900, "script": False},
    ]
    wrong = []
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        own = [str(ROOT / "testdata" / name) for name in ("flask-naive", "node-copy-first", "flask-optimised", "")]
        projects = args.projects or own + made(folder)
        browser = Browser(args.chromium)
        for project in projects:
            name = pathlib.Path(project).name or "page"
            page = folder / f"{name}.html"
            image = ["--image"] if pathlib.Path(project).suffix == ".tar" else []
            # A folder without a Dockerfile of its own has many.
            if pathlib.Path(project).is_dir() and not (pathlib.Path(project) / "Dockerfile").exists():
                image = ["--all"]
            ran = subprocess.run([args.dlint, "size", *image, project, "--no-config", "--format", "html", "-o", page])
            if not page.exists():
                sys.exit(f"dlint wrote no page of {project}: exit code {ran.returncode}")
            shutil.copy(page, out / page.name)
            least = [visit(browser, page, name, out, look, wrong) for look in looks]
            print(f"{name}: {page.stat().st_size} bytes, contrast at least {min(map(float, least))}")
        browser.close()
    for text in wrong:
        print("wrong:", html.unescape(text))
    print(f"pictures are in {out}")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
