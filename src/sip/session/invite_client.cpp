#include "sip/session/invite_client.h"

#include "sip/session/invite_session.h"

namespace sidetone::sip {

InviteClient::InviteClient(StackCore& core, std::weak_ptr<InviteSession> session,
                           std::shared_ptr<Dialog> dialog)
    : core_(core), session_(std::move(session)), dialog_(std::move(dialog)) {}

std::shared_ptr<InviteClient> InviteClient::send(StackCore& core, std::weak_ptr<InviteSession> session,
                                                 std::shared_ptr<Dialog> dialog, Message invite, NextHop hop,
                                                 AccountPtr account, std::function<std::uint32_t()> next_cseq,
                                                 Time now) {
  auto client = std::make_shared<InviteClient>(core, std::move(session), std::move(dialog));
  client->account_ = account;
  client->has_offer_ = !invite.body().empty();
  client->outgoing_ = core.send(
      std::move(invite), std::move(hop), std::move(account), std::move(next_cseq),
      [client](const Outcome& outcome, Time then) { client->on_outcome(outcome, then); }, now);
  return client;
}

const Message* InviteClient::request() const {
  const auto outgoing = outgoing_.lock();
  return outgoing ? &outgoing->request : nullptr;
}

void InviteClient::cancel(std::string reason, Time now) {
  if (const auto outgoing = outgoing_.lock()) core_.cancel(*outgoing, std::move(reason), now);
}

void InviteClient::ack(const Dialog& dialog, std::string_view sdp, Time now) {
  if (const auto* invite = request()) ack_invite(cseq_of(*invite), dialog, sdp, now);
}

void InviteClient::ack_invite(std::uint32_t cseq, const Dialog& dialog, std::string_view sdp, Time now) {
  const auto outgoing = outgoing_.lock();
  if (!outgoing) return;  // 64*T1 after the 2xx: its sender has given up
  auto ack = dialog.ack(cseq);
  // §22.1 wants the INVITE's credentials in it. It may go past the server to the callee himself: then not.
  if (account_ && core_.is_for_server(*account_, dialog.next_hop()))
    for (const auto header : {HeaderId::authorization, HeaderId::proxy_authorization})
      for (const auto value : outgoing->request.values(header)) ack.add(header, value);
  core_.add_product(ack);
  if (!sdp.empty()) ack.set_body(sdp, "application/sdp");
  acks_[dialog.remote_tag()] =
      core_.transactions.send_ack(std::move(ack), core_.way_now(dialog.next_hop(), account_.get(), now), now);
}

void InviteClient::dispose(const Outcome& outcome, Time now) {
  const auto* invite = request();
  if (!invite) return;
  const auto cseq = cseq_of(*outcome.message);              // its INVITE's (RFC 3261 §8.2.6.2, §13.2.2.4)
  if (dialog_) return ack_invite(cseq, *dialog_, {}, now);  // a re-INVITE in a dialog that has ended by a BYE
  const auto stray = std::make_shared<Dialog>(Dialog::as_caller(*invite, *outcome.message, outcome.flow));
  ack_invite(cseq, *stray, {}, now);
  core_.send_stray_bye(stray, account_, now);
}

void InviteClient::on_outcome(const Outcome& outcome, Time now) {
  const auto session = session_.lock();
  const bool wanted = !outcome.is_late && session && session->awaits(*this);
  if (!outcome.is_success()) {
    if (!wanted) return;
    return is_first() ? session->on_invite_response(outcome, now)
                      : session->on_reinvite_response(outcome, now);
  }
  const auto tag = tag_of(*outcome.message, HeaderId::to);
  if (const auto known = acks_.find(tag); known != acks_.end()) {
    if (known->second) core_.transactions.resend_ack(*known->second, now);
    return;
  }
  if (acks_.size() >= forks_max) return;
  acks_.emplace(tag, nullptr);
  if (!wanted) return dispose(outcome, now);
  return is_first() ? session->on_invite_response(outcome, now) : session->on_reinvite_response(outcome, now);
}

}  // namespace sidetone::sip
