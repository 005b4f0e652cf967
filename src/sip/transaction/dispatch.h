// From the transport's events and the timer heap to the machine that they concern.
#pragma once

#include <memory>
#include <unordered_map>

#include "sip/transaction/ack_handle.h"
#include "sip/transaction/core.h"

namespace sidetone::sip::transaction {

class Dispatch {
 public:
  explicit Dispatch(Core& core) : core_(core) {}

  void pump(Time now);
  void fire_timers(Time now);
  // The transport will report `token` as sent or failed.
  void expect_ack(std::uint64_t token, const std::shared_ptr<TransactionLayer::AckHandle>& handle) {
    acks_.emplace(token, handle);
  }

 private:
  void on(TransportLayer::Received received, Time now);
  void on(TransportLayer::Unparsable unparsable, Time now);
  void on(TransportLayer::SendError error, Time now);
  void on(TransportLayer::Sent sent, Time now);
  void on(TransportLayer::FlowLost lost, Time now);
  void on_response(const Flow& flow, Message response, Time now);
  void on_request(const Flow& flow, Message request, Time now);
  void on_ack(const Flow& flow, Message ack, std::string_view key, Time now);
  void on_cancel(const Flow& flow, Message cancel, std::string_view invite_key, Time now);
  [[nodiscard]] bool is_admitted(const Flow& flow, const Message& request, Time now);
  [[nodiscard]] bool has_room_for(const Message& request) const;
  void begin(const Flow& flow, Message request, std::string key, Time now);

  Core& core_;
  std::unordered_map<std::uint64_t, std::weak_ptr<TransactionLayer::AckHandle>> acks_;
};

}  // namespace sidetone::sip::transaction
