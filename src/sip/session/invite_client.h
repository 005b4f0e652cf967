// One INVITE of ours, first or later, and the ACKs that its 2xx get (RFC 3261 §13.2.2.4). It lives as long
// as 2xx may come, which is longer than its session may live: the 2xx of a fork that lost is acknowledged
// and hung up here.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "sip/stack_core.h"

namespace sidetone::sip {

class InviteSession;

class InviteClient : public std::enable_shared_from_this<InviteClient> {
 public:
  // `dialog` is null for the first INVITE.
  static std::shared_ptr<InviteClient> send(StackCore& core, std::weak_ptr<InviteSession> session,
                                            std::shared_ptr<Dialog> dialog, Message invite, NextHop hop,
                                            AccountPtr account, std::function<std::uint32_t()> next_cseq,
                                            Time now);
  InviteClient(StackCore& core, std::weak_ptr<InviteSession> session, std::shared_ptr<Dialog> dialog);

  [[nodiscard]] bool is_first() const { return !dialog_; }
  [[nodiscard]] bool has_offer() const { return has_offer_; }
  // The request as it was sent last: credentials and CSeq change with challenges.
  [[nodiscard]] const Message* request() const;
  void cancel(std::string reason, Time now);
  // With the credentials of the INVITE (§22.1) and, when the 2xx held an offer, the answer.
  void ack(const Dialog& dialog, std::string_view sdp, Time now);
  // The same for one INVITE among several: challenges met since have raised the CSeq.
  void ack_invite(std::uint32_t cseq, const Dialog& dialog, std::string_view sdp, Time now);
  // ACK and BYE for a 2xx that nobody wants.
  void dispose(const Outcome& outcome, Time now);

 private:
  // Bound: see EarlyDialogs; a 2xx beyond it is not acknowledged, its sender gives up by itself.
  static constexpr std::size_t forks_max = 32;
  void on_outcome(const Outcome& outcome, Time now);

  StackCore& core_;
  std::weak_ptr<InviteSession> session_;
  std::shared_ptr<Dialog> dialog_;
  std::weak_ptr<Outgoing> outgoing_;
  AccountPtr account_;
  bool has_offer_ = false;
  // By To tag; null: the answer is not there yet.
  std::map<std::string, std::shared_ptr<TransactionLayer::AckHandle>, std::less<>> acks_;
};

}  // namespace sidetone::sip
