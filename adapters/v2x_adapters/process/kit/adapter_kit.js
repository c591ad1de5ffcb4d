'use strict';
/*
 * Write a product adapter for node: one file, no dependencies, node 16 and later. Copy it beside your adapter.
 *
 *   const kit = require('./adapter_kit.js');
 *
 *   kit.run({
 *     async start(placement) {            // start the product where the placement says
 *       return { product: 'Example CSMS', product_version: '1.2.3', endpoint: 'ws://127.0.0.1:8080/ocpp' };
 *     },
 *     async stop() {},
 *     verbs: {
 *       async call({ station, action, payload }) {
 *         return { result: await product.call(station, action, payload) };
 *       },
 *     },
 *   });
 *
 * What a verb returns becomes the result; `Unsupported` says that the product cannot do it, `Failed` that it could not be done
 * now, any other error is reported as failed with its stack on standard error. A verb without a function is `unsupported`.
 * console.log goes to standard error: standard output belongs to the protocol.
 */

const { Console } = require('console');
const fs = require('fs');
const readline = require('readline');

const PROTOCOL = 'v2x-adapter/1';

class Unsupported extends Error {}

class Failed extends Error {
  constructor(message, hint = '') {
    super(message);
    this.hint = hint;
  }
}

function send(type, fields = {}) {
  let line = Buffer.from(JSON.stringify({ ...fields, protocol: PROTOCOL, type }) + '\n');
  while (line.length) {
    try {
      line = line.subarray(fs.writeSync(1, line));
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error;
    }
  }
}

/** Report something that people may want to know. */
function event(name, data = {}) {
  send('event', { name, data });
}

function run(adapter) {
  global.console = new Console(process.stderr, process.stderr);
  const verbs = adapter.verbs || {};
  const known = (name) => Object.prototype.hasOwnProperty.call(verbs, name);

  async function start(placement) {
    try {
      send('ready', { verbs: Object.keys(verbs).sort(), ...(await adapter.start(placement)) });
    } catch (error) {
      if (!(error instanceof Failed)) console.error(error);
      send('failed', { message: String(error.message || error).slice(0, 4000), hint: error.hint || '' });
    }
  }

  async function perform({ id, verb, arguments: given }) {
    try {
      if (!known(verb)) throw new Unsupported('this adapter has no such verb');
      send('done', { id, result: (await verbs[verb](given)) || {} });
    } catch (error) {
      if (error instanceof Unsupported) return send('unsupported', { id, verb, message: error.message });
      if (!(error instanceof Failed)) console.error(error);
      send('failed', { id, message: String(error.message || error).slice(0, 4000), hint: error.hint || '' });
    }
  }

  let stopping = false;
  async function stop(told) {
    if (stopping) return;
    stopping = true;
    try {
      if (adapter.stop) await adapter.stop();
    } catch (error) {
      console.error(error);
    }
    if (told) send('stopped');
    process.exit(0);
  }

  const lines = readline.createInterface({ input: process.stdin, crlfDelay: Infinity });
  lines.on('line', (line) => {
    const message = JSON.parse(line);
    if (message.protocol !== PROTOCOL) send('failed', { message: `this adapter speaks ${PROTOCOL}` });
    else if (message.type === 'start') start(message.placement);
    else if (message.type === 'do') perform(message);
    else if (message.type === 'stop') stop(true);
  });
  lines.on('close', () => stop(false));
}

module.exports = { run, event, Unsupported, Failed, PROTOCOL };
