'use strict';
/*
 * A small CSMS on `ocpp-rpc` (npm) with its adapter: OCPP 1.6J and 2.0.1. Framing, correlation, schema validation, sub-protocol
 * negotiation and error codes are the library's (`strictMode`); what is here is a CSMS's minimum of business: who may connect,
 * which station is registered, which token may charge, and which transactions run.
 */

const kit = require('adapter_kit.js');
const { RPCServer, createRPCError } = require('ocpp-rpc');

const CALL_TIMEOUT = 25000;
const now = () => new Date().toISOString();

/** What a CSMS remembers, whatever the version. */
class Books {
  constructor(identities, interval) {
    this.passwords = new Map(Object.entries(identities));
    this.interval = interval;
    this.boots = new Map();
    // Stations that were not accepted, and the messages that they were asked for all the same.
    this.unaccepted = new Map();
    this.tokens = new Map();
    this.transactions = new Map();
    this.nextTransaction = 1;
  }

  boot(identity) {
    const answer = { currentTime: now(), status: 'Accepted', interval: this.interval, ...this.boots.get(identity) };
    if (answer.status === 'Accepted') this.unaccepted.delete(identity);
    else this.unaccepted.set(identity, new Set(['BootNotification']));
    return answer;
  }

  /** Status of a token; identifiers are compared without regard to case in both versions. */
  token(id) {
    const known = this.tokens.get(id.toLowerCase());
    if (!known) return { status: 'Invalid' };
    const { status, expires, group } = known;
    return { status: status === 'Accepted' && expires && new Date(expires) < new Date() ? 'Expired' : status, expires, group };
  }

  running(identity, id) {
    return [...this.transactions.values()].filter((t) => t.identity === identity && t.token === id.toLowerCase() && !t.ended);
  }
}

/** OCPP 1.6: handlers by action. */
function version16(books, identity) {
  const idTagInfo = (idTag) => {
    const { status, expires, group } = books.token(idTag);
    return { status, ...(expires && { expiryDate: expires }), ...(group && { parentIdTag: group }) };
  };
  return {
    BootNotification: () => books.boot(identity),
    Heartbeat: () => ({ currentTime: now() }),
    StatusNotification: () => ({}),
    MeterValues: () => ({}),
    FirmwareStatusNotification: () => ({}),
    DiagnosticsStatusNotification: () => ({}),
    DataTransfer: () => ({ status: 'UnknownVendorId' }),
    Authorize: ({ idTag }) => ({ idTagInfo: idTagInfo(idTag) }),
    StartTransaction: ({ idTag, connectorId, meterStart, timestamp }) => {
      // A station that got no answer sends the same again: it must not make a second transaction.
      const token = idTag.toLowerCase();
      const told = { identity, token, connector: connectorId, meterStart, started: timestamp };
      const same = [...books.transactions.values()].find((t) => Object.keys(told).every((key) => t[key] === told[key]));
      if (same) return { transactionId: same.id, idTagInfo: idTagInfo(idTag) };
      const info = idTagInfo(idTag);
      if (info.status === 'Accepted' && books.running(identity, idTag).length) info.status = 'ConcurrentTx';
      const id = books.nextTransaction++;
      books.transactions.set(`${identity}/${id}`, { id, ...told, ended: info.status !== 'Accepted' });
      return { transactionId: id, idTagInfo: info };
    },
    StopTransaction: ({ transactionId, idTag }) => {
      const running = books.transactions.get(`${identity}/${transactionId}`);
      if (running) running.ended = true;
      return idTag ? { idTagInfo: idTagInfo(idTag) } : {};
    },
  };
}

/** OCPP 2.0.1: handlers by action. */
function version201(books, identity) {
  const idTokenInfo = ({ idToken, type }) => {
    if (type === 'NoAuthorization') return { status: 'Accepted' };
    const { status, expires, group } = books.token(idToken);
    return {
      status,
      ...(expires && { cacheExpiryDateTime: expires }),
      ...(group && { groupIdToken: { idToken: group, type: 'Central' } }),
    };
  };
  return {
    BootNotification: () => books.boot(identity),
    Heartbeat: () => ({ currentTime: now() }),
    StatusNotification: () => ({}),
    MeterValues: () => ({}),
    NotifyReport: () => ({}),
    NotifyEvent: () => ({}),
    NotifyMonitoringReport: () => ({}),
    ReportChargingProfiles: () => ({}),
    NotifyChargingLimit: () => ({}),
    ClearedChargingLimit: () => ({}),
    SecurityEventNotification: () => ({}),
    FirmwareStatusNotification: () => ({}),
    LogStatusNotification: () => ({}),
    ReservationStatusUpdate: () => ({}),
    NotifyCustomerInformation: () => ({}),
    DataTransfer: () => ({ status: 'UnknownVendorId' }),
    Authorize: ({ idToken }) => ({ idTokenInfo: idTokenInfo(idToken) }),
    TransactionEvent: ({ eventType, transactionInfo, idToken }) => {
      const key = `${identity}/${transactionInfo.transactionId}`;
      const transaction = books.transactions.get(key) || { identity, token: '', ended: false };
      const info = idToken && idTokenInfo(idToken);
      if (info && info.status === 'Accepted' && idToken.type !== 'NoAuthorization' && eventType !== 'Ended' && !transaction.token) {
        if (books.running(identity, idToken.idToken).some((t) => t !== transaction)) info.status = 'ConcurrentTx';
        else transaction.token = idToken.idToken.toLowerCase();
      }
      if (eventType === 'Ended') transaction.ended = true;
      books.transactions.set(key, transaction);
      return info ? { idTokenInfo: info } : {};
    },
  };
}

const VERSIONS = {
  1.6: { subprotocol: 'ocpp1.6', handlers: version16 },
  '2.0.1': { subprotocol: 'ocpp2.0.1', handlers: version201 },
};

let server;
let http;
let books;
const clients = new Map();

async function start({ version, listen, identities = {}, settings = {} }) {
  const { subprotocol, handlers } = VERSIONS[version] || {};
  if (!subprotocol) throw new kit.Failed(`this CSMS does not speak OCPP ${version}`);
  books = new Books(identities, settings.heartbeat_interval || 300);
  server = new RPCServer({ protocols: [subprotocol], strictMode: true, callTimeoutMs: CALL_TIMEOUT });

  server.auth((accept, reject, { identity, password }) => {
    if (!books.passwords.has(identity)) return reject(404, 'Unknown station');
    if (books.passwords.get(identity) !== (password ? password.toString('utf8') : '')) return reject(401, 'Unauthorized');
    accept();
  });

  server.on('client', (client) => {
    // Without a common subprotocol the handshake is completed and the connection closed (OCPP-J, 3.1.2).
    if (!client.protocol) return client.close({ code: 1002, reason: 'No common subprotocol' });
    const { identity } = client;
    const old = clients.get(identity);
    clients.set(identity, client);
    if (old) old.close({ code: 1001, reason: 'Replaced by a newer connection', force: true });
    client.once('close', () => clients.get(identity) === client && clients.delete(identity));
    for (const [action, handle] of Object.entries(handlers(books, identity))) {
      client.handle(action, ({ params }) => {
        // A station that was not accepted is not served in 2.0.1, but for what it was asked for (B02.FR.09, B03.FR.07).
        const asked = books.unaccepted.get(identity);
        if (version === '2.0.1' && asked && !asked.has(action)) {
          throw createRPCError('SecurityError', 'The BootNotification of this station has not been accepted');
        }
        return handle(params);
      });
    }
  });

  const [host, port] = [listen.slice(0, listen.lastIndexOf(':')), Number(listen.slice(listen.lastIndexOf(':') + 1))];
  http = await server.listen(port, host);
  return {
    product: 'CSMS on ocpp-rpc',
    product_version: require('ocpp-rpc/package.json').version,
    endpoint: `ws://${host}:${http.address().port}/ocpp`,
  };
}

async function stop() {
  if (server) await server.close({ force: true });
}

function connected(identity) {
  const client = clients.get(identity);
  if (!client) throw new kit.Failed(`the station ${identity} is not connected`);
  return client;
}

kit.run({
  start,
  stop,
  verbs: {
    async call({ station, action, payload }) {
      const client = clients.get(station);
      if (!client) return { error: { code: 'NotConnected', description: 'this station is not connected' } };
      const asked = books.unaccepted.get(station);
      if (asked && action === 'TriggerMessage') asked.add(payload.requestedMessage);
      if (asked && ['GetBaseReport', 'GetReport'].includes(action)) asked.add('NotifyReport');
      try {
        return { result: await client.call(action, payload) };
      } catch (error) {
        if (error.rpcErrorCode) return { error: { code: error.rpcErrorCode, description: error.message } };
        if (error.constructor.name === 'TimeoutError') return { error: { code: 'CallTimeout', description: error.message } };
        throw error;
      }
    },

    async set_boot({ station, status = 'Accepted', interval }) {
      for (const identity of station ? [station] : books.passwords.keys()) {
        books.boots.set(identity, { status, interval: interval === undefined ? books.interval : interval });
      }
    },

    async set_token({ id_token: id, status = 'Accepted', expires, group, parent }) {
      books.tokens.set(id.toLowerCase(), { status, expires, group: group || parent });
    },

    async disconnect({ station }) {
      await connected(station).close({ code: 1000 });
    },

    async stations() {
      return { stations: [...clients.keys()] };
    },

    async forget({ station }) {
      const client = clients.get(station);
      if (client) await client.close({ code: 1000, force: true });
      books.boots.delete(station);
      books.unaccepted.delete(station);
      for (const [key, transaction] of books.transactions) if (transaction.identity === station) books.transactions.delete(key);
    },
  },
});
