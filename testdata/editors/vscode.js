// Visual Studio Code, as code-server in Chromium, with the package of editors/vscode: what `tools/try-editors` holds true,
// one line for each step, and pictures in SHOTS to look at.
const path = require('node:path');
const { chromium } = require('playwright-core');

const PATIENCE = 60000;

(async () => {
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ['--no-sandbox'] });
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  page.setDefaultTimeout(PATIENCE);
  const shot = name => page.screenshot({ path: path.join(process.env.SHOTS, `${name}.png`) });
  // Blanks in the editor are no-break spaces.
  const texts = async where => (await page.locator(where).allTextContents()).map(text => text.replaceAll('\u00a0', ' '));

  async function step(name, where, wanted) {
    const end = Date.now() + PATIENCE;
    for (;;) {
      const found = (await texts(where)).find(wanted);
      if (found) return console.log(`${name}: ${found.slice(0, 100)}`);
      if (Date.now() > end) {
        await shot('failed');
        throw new Error(`${name}: did not happen; there is ${JSON.stringify(await texts(where))}`);
      }
      await page.waitForTimeout(100);
    }
  }

  /** Runs a command of the palette. */
  async function command(title) {
    await page.keyboard.press('F1');
    await page.locator('.quick-input-widget input[type="text"]').first().fill(`>${title}`);
    await page.locator('.quick-input-list .monaco-list-row', { hasText: title }).first().click();
  }

  const problem = '.markers-panel .monaco-list-row';
  const line = '.view-lines .view-line';
  await page.goto(process.env.PLACE, { waitUntil: 'domcontentloaded' });
  await page.locator('.explorer-folders-view .monaco-list-row', { hasText: 'Dockerfile' }).first().dblclick();
  await page.locator(line).first().waitFor();
  await command('View: Focus Problems');
  await step('diagnostics appear', problem, text => /MAINTAINER.*Ln 2,/.test(text));
  await step('a hint shows bytes', line, text => /^COPY app\.bin \/srv\/.*\d kB/.test(text));
  await shot('opened');

  await page.locator(line).first().click();
  await page.keyboard.press('Control+Home');
  await page.keyboard.insertText('# héllo 𝒳\n');
  await step('they move with the text', problem, text => /MAINTAINER.*Ln 3,/.test(text));

  await page.locator(line, { hasText: 'MAINTAINER' }).click();
  await page.keyboard.press('Control+.');
  await step('a fix is offered', '.action-widget .monaco-list-row', text => /Use the label/.test(text));
  await shot('fixes');
  await page.locator('.action-widget .monaco-list-row', { hasText: 'Use the label' }).first().click();
  await step('it is applied', line, text => /^LABEL/.test(text));
  await page.waitForFunction(
    where => ![...document.querySelectorAll(where)].some(row => row.textContent.includes('MAINTAINER')), problem);
  console.log('what it mends is gone');
  await page.locator(line, { hasText: 'COPY' }).locator('span', { hasText: 'COPY' }).last().hover();
  await step('hovering says what it weighs', '.monaco-hover-content', text => /kB/.test(text));
  await shot('mended');
  await browser.close();
})().catch(error => { console.error(error.message); process.exit(1); });
