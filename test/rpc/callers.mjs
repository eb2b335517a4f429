// The same calls through each library and protocol. A caller has call(method, request, options), follow(request, options) and close(); numbers of 64 bits are
// numbers here, and a call that fails throws a Failure.

import path from 'node:path';
import { create, createFileRegistry, fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { Code, ConnectError, createClient } from '@connectrpc/connect';
import { compressionGzip, createConnectTransport, createGrpcTransport, Http2SessionManager } from '@connectrpc/connect-node';
import grpc from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { repository } from './server.mjs';

const SERVICE = 'parley.storage.v1.Storage';
const definition = loadSync('parley/storage/v1/storage.proto', {
  includeDirs: [path.join(repository, 'src/Parley.Rpc/Protos')], keepCase: false, longs: Number, enums: String, defaults: true,
});

/** Codes as gRPC numbers them; refusal is what parley-refusal says, or null. */
export class Failure extends Error {
  constructor(code, message, refusal) {
    super(`${grpc.status[code]}: ${message}${refusal ? ` (${refusal})` : ''}`);
    Object.assign(this, { code, refusal });
  }
}

/** gRPC as its own library for Node speaks it. */
export class GrpcCaller {
  #client;
  #token;

  constructor({ http2Url }, token, { isCompressed = false } = {}) {
    this.#token = token;
    const Client = grpc.loadPackageDefinition(definition).parley.storage.v1.Storage;
    const GZIP = 2;
    this.#client = new Client(new URL(http2Url).host, grpc.credentials.createInsecure(), isCompressed ? { 'grpc.default_compression_algorithm': GZIP } : {});
  }

  call(method, request, { token = this.#token, timeoutMs } = {}) {
    return new Promise((resolve, reject) => {
      const options = timeoutMs === undefined ? {} : { deadline: Date.now() + timeoutMs };
      this.#client[method](request, metadataOf(token), options, (error, response) => (error ? reject(failureOf(error)) : resolve(response)));
    });
  }

  async *follow(request, { token = this.#token, timeoutMs } = {}) {
    const stream = this.#client.follow(request, metadataOf(token), timeoutMs === undefined ? {} : { deadline: Date.now() + timeoutMs });
    try {
      for await (const message of stream) yield message;
    } catch (error) {
      throw failureOf(error);
    } finally {
      stream.cancel();
    }
  }

  close() {
    this.#client.close();
  }
}

/** Connect's library for Node, which speaks Connect and gRPC. */
export class ConnectCaller {
  #client;
  #token;
  #manager;

  constructor({ url, http2Url }, token, { isGrpc = false, isHttp2 = isGrpc, isJson = false, isCompressed = false } = {}) {
    this.#token = token;
    const compression = isCompressed ? { acceptCompression: [compressionGzip], sendCompression: compressionGzip, compressMinBytes: 0 } : { acceptCompression: [] };
    const baseUrl = isHttp2 ? http2Url : url;
    if (isHttp2) this.#manager = new Http2SessionManager(baseUrl);
    const http = isHttp2 ? { httpVersion: '2', sessionManager: this.#manager } : { httpVersion: '1.1' };
    const transport = isGrpc
      ? createGrpcTransport({ baseUrl, ...http, ...compression })
      : createConnectTransport({ baseUrl, ...http, ...compression, useBinaryFormat: !isJson });
    this.#client = createClient(schema(), transport);
  }

  async call(method, request, options) {
    const input = schema().methods.find(each => each.localName === method).input;
    try {
      return plain(await this.#client[method](fill(input, request), this.#optionsOf(options)));
    } catch (error) {
      throw failureOfConnect(error);
    }
  }

  async *follow(request, options) {
    try {
      for await (const message of this.#client.follow(fill(schema().methods.find(each => each.localName === 'follow').input, request), this.#optionsOf(options))) yield plain(message);
    } catch (error) {
      throw failureOfConnect(error);
    }
  }

  close() {
    this.#manager?.abort();
  }

  #optionsOf({ token = this.#token, timeoutMs } = {}) {
    return { headers: token === null ? {} : { authorization: `Bearer ${token}` }, timeoutMs };
  }
}

function metadataOf(token) {
  const metadata = new grpc.Metadata();
  if (token !== null) metadata.set('authorization', `Bearer ${token}`);
  return metadata;
}

const failureOf = error => new Failure(error.code, error.details ?? error.message, error.metadata?.get('parley-refusal')[0] ?? null);

function failureOfConnect(error) {
  if (!(error instanceof ConnectError)) return error;
  return new Failure(error.code, `${Code[error.code]} ${error.rawMessage}`, error.metadata.get('parley-refusal'));
}

let service = null;

/** The service as Connect's libraries know it, from the same .proto. */
function schema() {
  if (service) return service;
  const files = Object.values(definition).find(each => each.fileDescriptorProtos).fileDescriptorProtos.map(bytes => qualified(fromBinary(FileDescriptorProtoSchema, bytes)));
  service = createFileRegistry(create(FileDescriptorSetSchema, { file: files })).getService(SERVICE);
  return service;
}

/** Adds what protoc would: the loader leaves the names of types as the file has them (all are of its own package), and fields without their names in JSON. */
function qualified(file) {
  const full = name => (name === '' || name.startsWith('.') ? name : `.${file.package}.${name}`);
  for (const field of file.messageType.flatMap(type => type.field)) {
    field.typeName = full(field.typeName);
    field.jsonName = field.name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());
  }
  for (const method of file.service.flatMap(each => each.method)) [method.inputType, method.outputType] = [full(method.inputType), full(method.outputType)];
  return file;
}

/** Makes a message of a plain object: numbers become bigints where the field wants them, oneofs are named by their field. */
function fill(type, values) {
  const message = create(type);
  for (const [name, value] of Object.entries(values)) {
    const field = type.field[name];
    const one = each => (field.message ? fill(field.message, each) : typeof each === 'number' && isLong(field) ? BigInt(each) : each);
    const filled = field.fieldKind === 'list' ? value.map(one) : one(value);
    if (field.oneof) message[field.oneof.localName] = { case: name, value: filled };
    else message[name] = filled;
  }
  return message;
}

const LONG = new Set([3, 4, 6, 16, 18]);
const isLong = field => LONG.has(field.scalar);

function plain(value) {
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Uint8Array) return Buffer.from(value);
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).filter(([name]) => !name.startsWith('$')).map(([name, each]) => [name, plain(each)]));
}
