#include "sip/session/invite_session.h"

#include "sip/message/reason.h"
#include "sip/message/sdp_body.h"

namespace sidetone::sip {

std::string sdp_of(const Message& message) {
  const auto sdp = find_sdp(message);
  return sdp ? std::string(*sdp) : std::string{};
}

std::pair<int, std::string> reason_of(const Message& message) {
  // The SIP one says most (RFC 3326 §2 allows one per protocol).
  if (const auto reason = reason_of(message, "SIP"))
    return {reason->cause.value_or(0), unescape_quoted(reason->text)};
  const auto reasons = reasons_of(message);
  if (reasons.empty()) return {};
  return {reasons.front().cause.value_or(0), unescape_quoted(reasons.front().text)};
}

tl::unexpected<Error> wrong_state(std::string text) {
  return fail(Layer::sip, Fault::state, std::move(text));
}

std::string_view to_string(EndCause cause) {
  switch (cause) {
    case EndCause::bye_received: return "BYE received";
    case EndCause::bye_sent: return "BYE sent";
    case EndCause::cancelled_by_peer: return "cancelled by the caller";
    case EndCause::cancelled: return "cancelled";
    case EndCause::rejected: return "rejected";
    case EndCause::refused: return "refused";
    case EndCause::timeout: return "timeout";
    case EndCause::transport: return "transport";
    case EndCause::no_ack: return "no ACK";
    case EndCause::dialog_gone: return "dialog gone";
    case EndCause::replaced: return "replaced";
    case EndCause::expired: return "session timer expired";
  }
  return "";
}

InviteSession::InviteSession(StackCore& core, SessionId id, AccountPtr account)
    : core_(core),
      id_(id),
      account_(std::move(account)),
      timer_(
          core.timers, core.settings.session_timer, [this](Time now) { refresh(now); },
          [this](Time now) { expire(now); }) {}

std::shared_ptr<Dialog> InviteSession::dialog() const {
  if (dialog_) return dialog_;
  return early_.all().size() == 1 ? early_.all().front().dialog : nullptr;
}

bool InviteSession::can_send_requests() const {
  return dialog() && state_ != State::ending && state_ != State::ended && state_ != State::cancelling;
}

std::shared_ptr<Dialog> InviteSession::dialog_of(const Message& request) const {
  if (dialog_) return dialog_;
  const auto tag = tag_of(request, HeaderId::from);
  for (const auto& early : early_.all())
    if (early.dialog->remote_tag() == tag) return early.dialog;
  return nullptr;
}

void InviteSession::index(const std::shared_ptr<Dialog>& dialog, Time now) {
  if (moved_) dialog->move(moved_->socket, moved_->ip);  // made by a response to the old address
  // A REFER or 3xx may have sent us past the server: who is called there gives no orders.
  const bool has_server = account_ && account_->account.server;
  dialog->set_by_server(!is_caller_ || !has_server || core_.is_for_server(*account_, hop_));
  if (core_.dialogs.add_session(dialog, id_)) keys_.push_back(dialog->key());
  core_.know_dialog(dialog, account_.get(), now);
}

void InviteSession::refresh_target(const std::shared_ptr<Dialog>& dialog, const Message& message, Time now) {
  const auto before = dialog->remote_target();
  dialog->refresh_target(message);
  if (dialog->remote_target() == before) return;
  dialog->set_peer_addresses({});
  core_.know_dialog(dialog, account_.get(), now);
}

void InviteSession::move(SocketId socket, const IpAddress& ip) {
  moved_ = OwnAddress{socket, ip};
  if (dialog_) dialog_->move(socket, ip);
  for (const auto& early : early_.all()) early.dialog->move(socket, ip);
  if (hop_.socket) hop_.socket = socket;
}

void InviteSession::unindex(const std::string& key) {
  core_.guard.forget_dialog(key);
  core_.dialogs.remove_session(key);
  std::erase(keys_, key);
}

void InviteSession::note_peer(const Message& message) {
  if (message.has(HeaderId::allow)) peer_allows_update_ = message.lists(HeaderId::allow, "UPDATE");
}

// One dialog stays; late 2xx of the others are dealt with by InviteClient.
void InviteSession::confirm(std::shared_ptr<Dialog> dialog, Time now) {
  const auto kept = dialog->key();
  for (const auto& early : early_.all())
    if (const auto key = early.dialog->key(); key != kept) unindex(key);
  early_ = {};
  dialog_ = std::move(dialog);
  index(dialog_, now);
}

void InviteSession::reply(ServerTransactionId server, const Message& request, int status, Time now,
                          std::vector<ExtraHeader> headers) {
  auto response = core_.response(request, status, {}, local_tag_);
  add_headers(response, headers);
  core_.respond(server, std::move(response), now);
}

void InviteSession::on_request(ServerTransactionId server, const Flow& flow, MessagePtr request, Time now) {
  const auto dialog = dialog_of(*request);
  if (!dialog || state_ == State::ended) return reply(server, *request, 481, now);
  // RFC 3261 §12.2.2
  if (!dialog->in_order(*request)) return reply(server, *request, 500, now);
  const auto method = request->method();
  if (method == Method::bye) return on_bye(server, request, now);
  // On its way out: nothing new begins.
  if (state_ == State::ending || (state_ == State::cancelling && request->method() != Method::prack))
    return reply(server, *request, 481, now);
  note_peer(*request);
  const auto at = place_of(dialog);
  switch (method) {
    case Method::invite: return on_reinvite(server, request, at, now);
    case Method::update: return on_update(server, request, at, now);
    case Method::prack: return on_prack(server, request, dialog, now);
    case Method::options: return core_.answer_options(server, *request, account_.get(), flow, now);
    case Method::info:
      if (core_.takes_info(*request)) break;
      // RFC 6086 §4.2.2; its 469 names what is taken (§4.2.2).
      return reply(server, *request, 469, now, {{"Recv-Info", core_.recv_info}});
    default: break;
  }
  core_.raise(server, account_ ? account_->id : AccountId{}, id_, std::move(request), flow, now);
}

void InviteSession::on_ack(const Message& ack, Time now) {
  const auto at = unacknowledged_.find(cseq_of(ack));
  if (at == unacknowledged_.end()) return;  // once more
  const bool first = at->second.first;
  core_.transactions.settle(at->second.server);
  auto answer = at->second.holds_offer ? sdp_of(ack) : std::string{};
  unacknowledged_.erase(at);
  if (state_ == State::ending || state_ == State::ended) return;
  if (!first) return core_.emit(OfferConfirmed{id_, std::move(answer), branch_});
  state_ = State::confirmed;
  offers_.settled = true;
  // RFC 3261 §15: the callee's BYE had to wait for this.
  if (end_after_ack_) return send_bye(*end_after_ack_, end_cause_, now);
  core_.emit(Confirmed{id_, std::move(answer)});
}

}  // namespace sidetone::sip
