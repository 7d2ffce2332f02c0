/**
 * The only SQL of the queue: one class a noun, and what happens to a message from its claim to its end.
 *
 * @module
 */
import type { Sql } from "postgres";
import type { Answer, Draft, Message } from "../message.ts";
import { claimDue, takeBack } from "./claim.ts";
import { DeadLetterStore } from "./dead_letters.ts";
import { EventStore } from "./events.ts";
import { FlowControlStore } from "./flow_controls.ts";
import { MessageStore } from "./messages.ts";
import { QueueTable } from "./queues.ts";
import { ScheduleStore } from "./schedules.ts";
import { type Outcome, settle } from "./settle.ts";
import { type SigningKeys, SigningKeyStore } from "./signing_keys.ts";
import { TopicStore } from "./topics.ts";

/** Everything the queue keeps. */
export class QueueStore {
  /** Messages that are yet to be delivered. */
  readonly messages: MessageStore;
  /** Messages that have failed for good. */
  readonly deadLetters: DeadLetterStore;
  /** The log. */
  readonly events: EventStore;
  /** Queues. */
  readonly queues: QueueTable;
  /** URL groups. */
  readonly topics: TopicStore;
  /** Flow control keys. */
  readonly flowControls: FlowControlStore;
  /** Schedules. */
  readonly schedules: ScheduleStore;
  /** Keys of signatures. */
  readonly signingKeys: SigningKeyStore;
  readonly #sql: Sql;

  /** Of these connections. */
  constructor(sql: Sql) {
    this.#sql = sql;
    this.messages = new MessageStore(sql);
    this.deadLetters = new DeadLetterStore(sql);
    this.events = new EventStore(sql);
    this.queues = new QueueTable(sql);
    this.topics = new TopicStore(sql);
    this.flowControls = new FlowControlStore(sql);
    this.schedules = new ScheduleStore(sql);
    this.signingKeys = new SigningKeyStore(sql);
  }

  /** Makes the tables, and takes back what a killed process had in flight. */
  async prepare(keys: SigningKeys, nowMs: number): Promise<void> {
    const schema = await Deno.readTextFile(
      new URL("../schema.sql", import.meta.url),
    );
    await this.#sql.begin(async (tx) => {
      await tx`select pg_advisory_xact_lock(4203118)`;
      await tx.unsafe(schema);
      await takeBack(tx, [], nowMs);
    });
    await this.signingKeys.prepare(keys);
  }

  /** Cheapest proof that the database answers. */
  async ping(): Promise<void> {
    await this.#sql`select 1`;
  }

  /** See {@linkcode claimDue}. */
  async claim(
    nowMs: number,
    limit: number,
    own: readonly string[],
  ): Promise<Message[]> {
    return await claimDue(this.#sql, nowMs, limit, own);
  }

  /** See {@linkcode settle}. */
  async settle(
    message: Message,
    outcome: Outcome,
    answer: Answer,
    callbacks: readonly Draft[],
    nowMs: number,
  ): Promise<void> {
    await settle(this.#sql, message, outcome, answer, callbacks, nowMs);
  }

  /** Gives back what was taken but not tried to its end. */
  async release(id: string): Promise<void> {
    await this
      .#sql`update assay_queue.messages set in_flight = false where id = ${id}`;
  }
}
