// Copies at their target: recognised, handed up once, acknowledged each.

#include <cicada/signing.hpp>

#include "swarm_traffic.hpp"

namespace cicada {

/// The caller has checked the signature of the source.
void SwarmNode::deliver(Environment& env, const Peer& from, const Data& data) {
  Traffic& t = *traffic_;
  const DataHeader& header = *data.header;
  if (header.kind == DataKind::store_card) return take_card(env, data);
  if (header.kind != DataKind::message) return;
  switch (t.received.receive(header.id, header.source.prefix(), header.sent_ns, env.wall, config_->remembered_max)) {
    case ReceivedMessages::Verdict::first:
      env.listener.on_receive(header, data.payload);
      break;
    case ReceivedMessages::Verdict::again:
      ++t.copies_seen;
      break;
    case ReceivedMessages::Verdict::forgotten:  // Once is a promise.
      env.listener.on_mark(Mark::data_refused);
      return env.listener.on_refused(from, Refusal::forgotten);
  }
  DataAck ack;  // Every copy is acknowledged: the word on an earlier one may have been lost.
  ack.id = header.id;
  ack.copy = data.copy;
  ack.hops = data.hops;
  ack.attempt = data.attempt;
  ack.target_key = env.crypto.public_key();
  const Id source = env.contacts.id_of(header.source.index);
  ack.signature = env.crypto.sign(signed_bytes(ack, header, source, payload_hash(env.crypto, data.payload)));
  if (data.want_card) ack.card = contact_card(env);
  env.transport.send(from, ack);
}

}  // namespace cicada
