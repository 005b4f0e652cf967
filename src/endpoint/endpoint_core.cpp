#include "endpoint/endpoint_core.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "endpoint/dial_target.h"
#include "endpoint/info_digit.h"
#include "endpoint/sip_leg.h"
#include "sip/message/headers.h"

namespace sidetone::endpoint {
namespace {

// How long Stop waits for BYEs and unregistrations to be answered.
constexpr Duration stop_patience = std::chrono::seconds(2);
// ... and afterwards for the media side to close what it has open.
constexpr Duration media_patience = std::chrono::milliseconds(500);

Problem problem_of(const Error& error) {
  return {std::string(to_string(error.layer)), std::string(to_string(error.fault)), error.text, error.remedy};
}

EndReason reason_of(sip::EndCause cause) {
  switch (cause) {
    case sip::EndCause::bye_received: return EndReason::hung_up_there;
    case sip::EndCause::bye_sent: return EndReason::hung_up_here;
    case sip::EndCause::cancelled_by_peer: return EndReason::cancelled_there;
    case sip::EndCause::cancelled: return EndReason::hung_up_here;
    case sip::EndCause::rejected: return EndReason::rejected_here;
    case sip::EndCause::refused: return EndReason::refused;
    case sip::EndCause::timeout: return EndReason::no_answer;
    case sip::EndCause::transport: return EndReason::network_failure;
    case sip::EndCause::no_ack: return EndReason::network_failure;
    case sip::EndCause::dialog_gone: return EndReason::network_failure;
  }
  return EndReason::network_failure;
}

LineState state_of(sip::RegistrationState state) {
  switch (state) {
    case sip::RegistrationState::registering: return LineState::registering;
    case sip::RegistrationState::registered: return LineState::ready;
    case sip::RegistrationState::failed: return LineState::failed;
    case sip::RegistrationState::unregistering: return LineState::unregistering;
    case sip::RegistrationState::unregistered: return LineState::disabled;
  }
  return LineState::failed;
}

// "Unauthorized" tells an agent nothing.
std::string failure_text(const sip::RegistrationChanged& event, const CoreLine& line) {
  if (event.status != 401 && event.status != 407) return event.text;
  return line.password.empty() ? fmt::format("the server wants a password for {}, and none is set", line.user)
                               : fmt::format("the server does not accept the password of {}", line.user);
}

sip::Account account_of(const CoreLine& line) {
  sip::Account account;
  const bool v6 = line.server_host.find(':') != std::string::npos && line.server_host.front() != '[';
  const auto host = v6 ? fmt::format("[{}]", line.server_host) : line.server_host;
  account.uri = line.server_port == 5060
                    ? fmt::format("sip:{}@{}", sip::escape_user(line.user), host)
                    : fmt::format("sip:{}@{}:{}", sip::escape_user(line.user), host, line.server_port);
  account.display_name = line.display_name;
  account.credentials = {line.user, line.password, {}};
  account.server = sip::NextHop{line.transport, line.server_host, line.server_port, line.socket, {}};
  account.register_expires = line.register_expires;
  account.register_retry = line.register_retry;
  return account;
}

}  // namespace

EndpointCore::EndpointCore(CoreSettings settings, sip::Stack& stack, Random& random, LogSink& log)
    : settings_(std::move(settings)), stack_(stack), random_(random), log_(log) {}

void EndpointCore::start(Time now) {
  for (const auto& line : settings_.lines) {
    LineSnapshot shown;
    shown.line = LineId{static_cast<std::uint8_t>(lines_.size())};
    shown.user = line.user;
    shown.server = fmt::format("{}:{}", line.server_host, line.server_port);
    shown.transport = sip::to_string(line.transport);
    lines_.push_back({std::move(shown), line, {}});
  }
  for (auto& line : lines_) {
    outbox_.tell(LineChanged{line.shown});
    line.account = stack_.add_account(account_of(line.settings), now);
  }
}

// --- commands

void EndpointCore::handle(const Command& command, Time now) {
  struct Visitor {
    EndpointCore& core;
    Time now;
    void operator()(const Dial& c) { core.dial(c, now); }
    void operator()(const Answer& c) {
      core.with_call("answer", c.call, [&](Call& call) {
        if (call.is_ringing()) core.hold_others(c.call, now);
        return call.answer(now);
      });
    }
    void operator()(const Reject& c) {
      core.with_call("reject", c.call, [&](Call& call) { return call.reject(c.status, now); });
    }
    void operator()(const HangUp& c) {
      core.with_call("hang_up", c.call, [&](Call& call) { return call.hang_up(now); });
    }
    void operator()(const Hold& c) {
      core.with_call("hold", c.call, [&](Call& call) { return call.hold(true, now); });
    }
    void operator()(const Resume& c) {
      core.with_call("resume", c.call, [&](Call& call) {
        if (call.is_answered()) core.hold_others(c.call, now);
        return call.hold(false, now);
      });
    }
    void operator()(const Mute& c) {
      core.with_call("mute", c.call, [&](Call& call) -> Expected<void> {
        call.mute(c.on);
        return {};
      });
    }
    void operator()(const SendDtmf& c) {
      core.with_call("dtmf", c.call, [&](Call& call) { return call.send_dtmf(c.digits, now); });
    }
    void operator()(const RegisterNow& c) {
      if (c.line.index < core.lines_.size())
        core.stack_.register_now(core.lines_[c.line.index].account, now);
      else
        core.command_failed(
            "register", {},
            Error{Fault::not_found, Layer::engine, fmt::format("there is no line {}", c.line.index), {}});
    }
    void operator()(const Stop&) { core.stop(now); }
  };
  std::visit(Visitor{*this, now}, command);
  after_input(now);
}

void EndpointCore::with_call(std::string_view name, CallId id,
                             const std::function<Expected<void>(Call&)>& wish) {
  Call* call = find(id);
  if (call == nullptr || call->state() == CallState::ended)
    return command_failed(
        name, id, Error{Fault::not_found, Layer::engine, fmt::format("there is no call {}", id.value), {}});
  if (auto done = wish(*call); !done) command_failed(name, id, done.error());
}

void EndpointCore::command_failed(std::string_view name, CallId call, const Error& error) {
  outbox_.tell(CommandFailed{std::string(name), call, problem_of(error)});
}

EndpointCore::Line* EndpointCore::choose_line(const std::optional<LineId>& wanted) {
  if (wanted) return wanted->index < lines_.size() ? &lines_[wanted->index] : nullptr;
  for (auto& line : lines_)
    if (line.shown.state == LineState::ready || line.settings.register_expires.count() == 0) return &line;
  return nullptr;
}

void EndpointCore::dial(const Dial& command, Time now) {
  if (stop_by_)
    return command_failed("dial", {}, Error{Fault::state, Layer::engine, "the endpoint is stopping", {}});
  Line* line = choose_line(command.line);
  if (line == nullptr)
    return command_failed("dial", {},
                          Error{Fault::state, Layer::engine,
                                command.line ? fmt::format("there is no line {}", command.line->index)
                                             : std::string("no line is ready"),
                                "wait until a line is registered, or look at why it is not"});
  if (calls_.size() >= settings_.calls_max)
    return command_failed(
        "dial", {},
        Error{Fault::limit, Layer::engine, fmt::format("{} calls are alive already", calls_.size()), {}});
  auto target = resolve_dial_target(command.target, line->settings.server_host, line->settings.server_port);
  if (!target) return command_failed("dial", {}, target.error());

  CallParties parties;
  parties.direction = CallDirection::outgoing;
  parties.line = line->shown.line;
  parties.remote_uri = target->uri;
  parties.remote_number = target->number;
  Call& call = add_call(std::move(parties));
  targets_[call.id()] = target->uri;
  hold_others(call.id(), now);
  call.start(line->settings.media_ip, {}, now);
}

Call& EndpointCore::add_call(CallParties parties) {
  parties.id = call_ids_.next();
  MediaSettings media;
  media.enabled = settings_.codecs;
  media.answer_by_offer_order = settings_.answer_by_offer_order;
  media.ptime = settings_.ptime;
  media.session_id = random_.next() >> 2;  // fits the signed 64 bits that some peers read (RFC 8866 §5.2)
  const CallId id = parties.id;
  auto call = std::make_unique<Call>(std::move(parties), settings_, std::move(media), outbox_);
  return *calls_.emplace(id, std::move(call)).first->second;
}

void EndpointCore::send_invite(Call& call, Time now) {
  const auto target = targets_.find(call.id());
  if (target == targets_.end()) return;
  sip::Invite invite;
  invite.account = lines_[call.snapshot().line.index].account;
  invite.target = std::move(target->second);
  invite.sdp = call.first_offer();
  targets_.erase(target);
  auto session = stack_.invite(std::move(invite), now);
  if (!session) {
    command_failed("dial", call.id(), session.error());
    call.on_ended(EndReason::network_failure, 0);
    return;
  }
  call_of_session_[*session] = call.id();
  call.set_leg(std::make_unique<SipLeg>(stack_, *session));
}

void EndpointCore::hold_others(CallId but, Time now) {
  for (auto& [id, call] : calls_)
    if (id != but && call->is_answered() && !call->hold_wanted()) static_cast<void>(call->hold(true, now));
}

void EndpointCore::stop(Time now) {
  if (stop_by_) return;
  stop_by_ = now + stop_patience;
  for (auto& [id, call] : calls_) {
    if (call->state() == CallState::ended) continue;
    if (call->is_ringing())
      static_cast<void>(call->reject(480, now));
    else
      static_cast<void>(call->hang_up(now));
  }
  for (auto& line : lines_) stack_.unregister(line.account, now);
}

void EndpointCore::finish_stop_if_done(Time now) {
  if (!stop_by_ || stopped_) return;
  const bool lines_gone = std::all_of(lines_.begin(), lines_.end(), [](const Line& line) {
    return line.shown.state == LineState::disabled || line.shown.state == LineState::failed;
  });
  // The sessions outlive their calls until the BYEs are answered.
  const bool done = calls_.empty() && call_of_session_.empty() && lines_gone;
  if (!done && now < *stop_by_) return;
  if (!done && !std::exchange(shut_down_, true)) {
    // The far end does not answer. Each call still ends in front of the user; the stack goes on trying.
    for (auto& [id, call] : calls_) call->on_ended(EndReason::shut_down, 0);
    stop_by_ = now + media_patience;
    return;
  }
  stopped_ = true;
  outbox_.tell(Stopped{});
  outbox_.silent = true;  // the last event, whatever the network still brings
}

// --- from the SIP core

void EndpointCore::handle(sip::Event event, Time now) {
  std::visit([&](const auto& what) { on(what, now); }, event);
  after_input(now);
}

void EndpointCore::on(const sip::RegistrationChanged& event, Time) {
  for (auto& line : lines_) {
    if (line.account != event.account) continue;
    LineSnapshot shown = line.shown;
    shown.state = state_of(event.state);
    shown.status = event.status;
    shown.text = event.state == sip::RegistrationState::failed ? failure_text(event, line.settings) : "";
    if (shown == line.shown) return;
    line.shown = std::move(shown);
    outbox_.tell(LineChanged{line.shown});
  }
}

std::optional<int> EndpointCore::refusal_of_new_call() const {
  if (stop_by_) return 480;
  if (calls_.size() >= settings_.calls_max) return 486;
  if (!settings_.reject_when_busy) return {};
  const auto active = std::count_if(calls_.begin(), calls_.end(), [](const auto& entry) {
    return entry.second->state() != CallState::ended;
  });
  if (static_cast<std::size_t>(active) >= settings_.busy_sessions) return settings_.busy_status;
  return {};
}

void EndpointCore::on(const sip::IncomingInvite& event, Time now) {
  if (const auto status = refusal_of_new_call()) {
    static_cast<void>(stack_.reject(event.session, {.status = *status}, now));
    return;
  }
  CallParties parties;
  parties.direction = CallDirection::incoming;
  for (const auto& line : lines_)
    if (line.account == event.account) parties.line = line.shown.line;
  if (parties.line.index >= lines_.size()) {
    static_cast<void>(stack_.reject(event.session, {.status = 480}, now));
    return;
  }
  if (auto from = sip::NameAddr::parse(event.request->value(sip::HeaderId::from))) {
    parties.remote_uri = from->uri.text;
    parties.remote_number = sip::unescape(from->uri.user);
    parties.remote_name = from->display;
  }
  if (auto uri = sip::Uri::parse(event.request->request_uri()))
    parties.called_user = sip::unescape(uri->user);
  parties.call_uuid = event.request->value(sip::HeaderId::x_genesys_calluuid);

  Call& call = add_call(std::move(parties));
  call_of_session_[event.session] = call.id();
  call.set_leg(std::make_unique<SipLeg>(stack_, event.session));
  const auto& line = lines_[call.snapshot().line.index].settings;
  std::optional<std::string> offer;
  if (!event.sdp.empty()) offer = event.sdp;
  if (!call.accepts(offer, now)) return;
  if (!stack_.provisional(event.session, {.status = 180}, now))
    log_.write({now, LogLevel::warning, LogTag::call, call.snapshot().line.index, call.id().value,
                "180 could not be sent"});
  call.start(event.flow.local.ip.is_unspecified() ? line.media_ip : event.flow.local.ip, std::move(offer),
             now);
}

void EndpointCore::on(const sip::ProvisionalReceived& event, Time now) {
  if (Call* call = find(event.session)) call->on_progress(event.branch.value, event.status, event.sdp, now);
}
void EndpointCore::on(const sip::Accepted& event, Time now) {
  if (Call* call = find(event.session))
    call->on_accepted(event.branch.value, event.sdp, event.needs_ack, now);
}
void EndpointCore::on(const sip::Confirmed& event, Time now) {
  if (Call* call = find(event.session)) call->on_confirmed(event.sdp, now);
}
void EndpointCore::on(const sip::OfferReceived& event, Time now) {
  if (Call* call = find(event.session)) call->on_offer(event.sdp, now);
}
void EndpointCore::on(const sip::OfferConfirmed& event, Time now) {
  if (Call* call = find(event.session)) call->on_offer_confirmed(event.sdp, now);
}
void EndpointCore::on(const sip::OfferAnswered& event, Time now) {
  if (Call* call = find(event.session)) call->on_offer_answered(event.sdp, event.needs_ack, now);
}
void EndpointCore::on(const sip::OfferFailed& event, Time now) {
  if (Call* call = find(event.session)) call->on_offer_failed(event.status, now);
}
void EndpointCore::on(const sip::OfferGlare& event, Time) {
  if (Call* call = find(event.session)) call->on_glare();
}
void EndpointCore::on(const sip::OfferRetryDue& event, Time now) {
  if (Call* call = find(event.session)) call->on_retry_due(now);
}

void EndpointCore::on(const sip::SessionEnded& event, Time) {
  Call* call = find(event.session);
  call_of_session_.erase(event.session);
  if (call != nullptr) call->on_ended(reason_of(event.cause), event.status);
}

void EndpointCore::on(const sip::IncomingRequest& event, Time now) {
  Call* call = find(event.session);
  sip::Response response;
  if (call != nullptr && event.request->method() == sip::Method::info) {
    // RFC 6086 §4.2.1: legacy INFO is answered 200 whatever its body; digits in it are told.
    const auto type = sip::TokenParams::parse(event.request->value(sip::HeaderId::content_type));
    if (type && iequals(type->token, "application/dtmf-relay"))
      if (const auto digit = digit_of_relay(event.request->body()))
        outbox_.tell(DtmfReceived{call->id(), digit->digit, digit->duration});
  } else if (event.request->method() == sip::Method::notify ||
             event.request->method() == sip::Method::subscribe) {
    response.status = 489;  // RFC 6665 §4.1.3: no event package is spoken yet
  } else {
    response.status = 405;
  }
  static_cast<void>(stack_.respond(event.id, std::move(response), now));
}

void EndpointCore::on(const sip::RequestFinished& event, Time now) {
  if (Call* call = find(event.session))
    call->on_digit_answered(event.status >= 200 && event.status < 300, now);
}

// --- from the media side

void EndpointCore::media_ready(CallId id, MediaTransport transport, Time now) {
  if (Call* call = find(id)) {
    call->media_ready(transport, now);
    if (!call->is_incoming() && !call->has_leg() && call->media_is_ready()) send_invite(*call, now);
  }
  after_input(now);
}

void EndpointCore::media_failed(CallId id, Error error, Time now) {
  if (Call* call = find(id)) {
    outbox_.tell(Warning{problem_of(error)});
    call->media_failed(now);
  }
  after_input(now);
}

void EndpointCore::media_warning(const Error& error) { outbox_.tell(Warning{problem_of(error)}); }

void EndpointCore::media_started(CallId id) {
  if (Call* call = find(id)) call->media_started();
}

void EndpointCore::digit_heard(CallId id, char digit, std::chrono::milliseconds duration) {
  if (find(id) != nullptr) outbox_.tell(DtmfReceived{id, digit, duration});
}

void EndpointCore::digits_sent(CallId id) {
  if (Call* call = find(id)) call->digits_sent();
}

void EndpointCore::quality(CallId id, const CallQuality& quality, bool announce) {
  if (Call* call = find(id)) call->quality(quality, announce);
}

void EndpointCore::media_closed(CallId id, const CallQuality& quality, Time now) {
  if (Call* call = find(id)) call->media_closed(quality);
  after_input(now);
}

// --- time and outputs

void EndpointCore::on_time(Time now) {
  for (auto& [id, call] : calls_) {
    const auto due = call->deadline();
    if (due && due->when <= now) {
      if (call->is_ringing() && due->why == "auto_answer") hold_others(id, now);
      call->on_time(now);
    }
  }
  after_input(now);
}

std::optional<Deadline> EndpointCore::deadline() const {
  std::optional<Deadline> next;
  for (const auto& [id, call] : calls_) next = earlier(next, call->deadline());
  if (stop_by_ && !stopped_) next = earlier(next, Deadline{*stop_by_, "stop"});
  return next;
}

std::optional<Event> EndpointCore::poll_event() {
  if (outbox_.events.empty()) return {};
  std::optional<Event> event(std::move(outbox_.events.front()));
  outbox_.events.pop_front();
  return event;
}

std::optional<MediaOrder> EndpointCore::poll_media() {
  if (outbox_.media.empty()) return {};
  std::optional<MediaOrder> order(std::move(outbox_.media.front()));
  outbox_.media.pop_front();
  return order;
}

Snapshot EndpointCore::snapshot() const {
  Snapshot snapshot;
  for (const auto& line : lines_) snapshot.lines.push_back(line.shown);
  for (const auto& [id, call] : calls_)
    if (call->state() != CallState::ended) snapshot.calls.push_back(call->snapshot());
  return snapshot;
}

Call* EndpointCore::find(CallId id) {
  const auto found = calls_.find(id);
  return found == calls_.end() ? nullptr : found->second.get();
}

Call* EndpointCore::find(sip::SessionId session) {
  const auto found = call_of_session_.find(session);
  return found == call_of_session_.end() ? nullptr : find(found->second);
}

void EndpointCore::after_input(Time now) {
  std::erase_if(calls_, [&](const auto& entry) {
    if (!entry.second->is_gone()) return false;
    targets_.erase(entry.first);
    return true;
  });
  LocalTone tone = LocalTone::none;
  const bool talking = std::any_of(calls_.begin(), calls_.end(), [](const auto& entry) {
    return entry.second->is_answered() && !entry.second->hold_wanted();
  });
  for (const auto& [id, call] : calls_) {
    if (call->is_ringing()) tone = talking ? LocalTone::call_waiting : LocalTone::ringing;
    if (tone == LocalTone::none && call->wants_ringback()) tone = LocalTone::ringback;
  }
  if (tone != tone_) {
    tone_ = tone;
    outbox_.order(PlayTone{tone});
  }
  finish_stop_if_done(now);
}

}  // namespace sidetone::endpoint
