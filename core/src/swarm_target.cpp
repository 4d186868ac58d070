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
  if (!t.remembered.contains(header.id)) {
    if (header.sent_ns < t.forgotten_sent_ns) {  // It may have been here and been forgotten: once is a promise.
      env.listener.on_mark(Mark::data_refused);
      return;
    }
    t.remembered.insert(header.id);
    t.remembered_order.push_back({header.id, header.sent_ns});
    if (t.remembered_order.size() > config_->remembered_max) {
      const Traffic::Remembered& oldest = t.remembered_order.front();
      t.forgotten_sent_ns = std::max(t.forgotten_sent_ns, oldest.sent_ns + 1);
      t.remembered.erase(oldest.id);
      t.remembered_order.pop_front();
    }
    env.listener.on_receive(header, data.payload);
  } else {
    ++t.copies_seen;
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
