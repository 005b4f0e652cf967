// What the user asks for: the command half of the endpoint core.
#include <fmt/format.h>

#include <algorithm>

#include "endpoint/dial_target.h"
#include "endpoint/endpoint_core.h"
#include "endpoint/problem.h"
#include "endpoint/sip_leg.h"

namespace sidetone::endpoint {
namespace {

// How long Stop waits for BYEs and unregistrations to be answered.
constexpr Duration stop_patience = std::chrono::seconds(2);
// ... and afterwards for the media side to close what it has open.
constexpr Duration media_patience = std::chrono::milliseconds(500);

}  // namespace

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
    void operator()(const HangUpAll&) { core.hang_up_all(now); }
    void operator()(const Redirect& c) { core.redirect(c, now); }
    void operator()(const Transfer& c) { core.transfer(c, now); }
    void operator()(const CompleteTransfer& c) { core.complete_transfer(c, now); }
    void operator()(const Swap&) { core.swap(now); }
    void operator()(const Hold& c) {
      core.with_call("hold", c.call, [&](Call& call) { return call.hold(true, now); });
    }
    void operator()(const Resume& c) {
      core.with_call("resume", c.call, [&](Call& call) { return core.resume(call, now); });
    }
    void operator()(const Mute& c) {
      core.with_call("mute", c.call, [&](Call& call) -> Expected<void> {
        call.mute(c.on);
        return {};
      });
    }
    void operator()(const sidetone::Confer& c) {
      core.with_call("confer", c.call, [&](Call& call) {
        auto done = call.confer(c.on, now);
        if (done && c.on) core.hold_others(c.call, now);
        return done;
      });
    }
    void operator()(const sidetone::Record& c) {
      core.with_call("record", c.call, [&](Call& call) { return call.record(c.path); });
    }
    void operator()(const sidetone::PlayFile& c) {
      core.with_call("play_file", c.call, [&](Call& call) { return call.play_file(c.path, c.loop); });
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
    void operator()(const ChooseDevices& c) {
      if (core.devices_.manages_devices())
        core.devices_.choose({c.microphone, c.speaker});
      else
        core.command_failed("choose_devices", {},
                            Error{Fault::state, Layer::device, "this endpoint uses no sound devices", {}});
    }
    void operator()(const sidetone::ProcessVoice& c) {
      if (core.devices_.manages_devices())
        core.devices_.process_voice(c);
      else
        core.command_failed("process_voice", {},
                            Error{Fault::state, Layer::device, "this endpoint uses no sound devices", {}});
    }
    void operator()(const sidetone::SetRingerVolume& c) {
      if (!core.devices_.manages_devices())
        return core.command_failed(
            "ringer_volume", {},
            Error{Fault::state, Layer::device, "this endpoint uses no sound devices", {}});
      if (c.percent < 0 || c.percent > 100)
        return core.command_failed("ringer_volume", {},
                                   Error{Fault::range, Layer::engine,
                                         fmt::format("{} percent is no volume", c.percent), "take 0 to 100"});
      core.devices_.set_ringer_volume(c.percent);
    }
    void operator()(const TestRinger&) {
      if (auto rings = core.tones_.test_ringer(); !rings)
        core.command_failed("test_ringer", {}, rings.error());
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
  // "Rejecting a call" of the guide: without the headset no new calls are initiated either.
  if (const auto verdict = devices_.may_call(); !verdict.may_call)
    return command_failed("dial", {},
                          Error{Fault::state, Layer::device, verdict.reason, "plug the headset in"});
  const Call* related = command.related_call ? find(*command.related_call) : nullptr;
  if (command.related_call && (related == nullptr || related->state() == CallState::ended))
    return command_failed("dial", *command.related_call,
                          Error{Fault::not_found,
                                Layer::engine,
                                fmt::format("there is no call {}", command.related_call->value),
                                {}});
  Line* line = choose_line(related != nullptr && !command.line ? related->line() : command.line);
  if (line == nullptr)
    return command_failed("dial", {},
                          Error{Fault::state, Layer::engine,
                                command.line ? fmt::format("there is no line {}", command.line->index)
                                             : std::string("no line is ready"),
                                "wait until a line is registered, or look at why it is not"});
  if (calls_.size() >= settings_->calls_max)
    return command_failed(
        "dial", {},
        Error{Fault::limit, Layer::engine, fmt::format("{} calls are alive already", calls_.size()), {}});
  auto target = resolve(command.target, line->settings);
  if (!target) return command_failed("dial", {}, target.error());

  CallParties parties;
  parties.direction = CallDirection::outgoing;
  parties.line = line->shown.line;
  parties.remote_uri = target->uri;
  parties.remote_number = target->number;
  parties.related_call = command.related_call;
  sip::Invite invite;
  invite.target = std::move(target->uri);
  start_call(std::move(parties), std::move(invite), now);
}

Call& EndpointCore::start_call(CallParties parties, sip::Invite invite, Time now,
                               std::optional<CallId> goes_on) {
  Call& call = add_call(std::move(parties));
  invites_[call.id()] = std::move(invite);
  hold_others(call.id(), now, goes_on);
  call.start(lines_[call.line().index].settings.media_ip, {}, now);
  return call;
}

Call& EndpointCore::add_call(CallParties parties) {
  parties.id = call_ids_.next();
  MediaSettings media;
  media.enabled = settings_->codecs;
  media.answer_by_offer_order = settings_->answer_by_offer_order;
  media.leave_out_silence = settings_->leave_out_silence;
  media.hold_music = settings_->hold_music;
  media.extended_reports = settings_->extended_reports;
  media.ptime = settings_->ptime;
  media.srtp = settings_->srtp;
  media.random = &random_;
  media.session_id = random_.next() >> 2;  // fits the signed 64 bits that some peers read (RFC 8866 §5.2)
  const CallId id = parties.id;
  touch(id);
  auto call = std::make_unique<Call>(std::move(parties), settings_, std::move(media), outbox_);
  return *calls_.emplace(id, std::move(call)).first->second;
}

void EndpointCore::name_in_log(sip::SessionId session, const Call& call) const {
  log_.name({.session = session.value, .line = call.line().index, .call = call.id().value});
}

void EndpointCore::send_invite(Call& call, Time now) {
  auto waiting = invites_.extract(call.id());
  if (waiting.empty()) return;
  if (call.line().index >= lines_.size())  // taken out of the configuration meanwhile
    return call.on_ended(EndReason::network_failure, 0);
  sip::Invite invite = std::move(waiting.mapped());
  invite.account = lines_[call.line().index].account;
  invite.sdp = call.first_offer();
  auto session = stack_.invite(std::move(invite), now);
  if (!session) {
    command_failed("dial", call.id(), session.error());
    call.on_ended(EndReason::network_failure, 0);
    return;
  }
  call_of_session_[*session] = call.id();
  account_of_call_[call.id()] = lines_[call.line().index].account;
  name_in_log(*session, call);
  call.set_leg(std::make_unique<SipLeg>(stack_, *session));
}

void EndpointCore::hold_others(CallId but, Time now, std::optional<CallId> nor) {
  if (settings_->calls_are_apart) return;
  const Call* active = find(but);
  const bool conference = active != nullptr && active->is_in_conference();
  for (auto& [id, call] : calls_) {
    if (id == but || id == nor || !call->is_answered() || call->hold_wanted()) continue;
    if (conference && call->is_in_conference()) continue;
    touch(id);
    static_cast<void>(call->hold(true, now));
  }
}

Expected<void> EndpointCore::resume_conference(Time now) {
  for (auto& [id, call] : calls_)
    if (call->is_in_conference() && call->hold_wanted()) {
      touch(id);
      if (auto done = call->hold(false, now); !done) return done;
    }
  return {};
}

void EndpointCore::stop(Time now) {
  if (stop_by_) return;
  stop_by_ = now + stop_patience;
  for (auto& [id, call] : calls_) {
    if (call->state() == CallState::ended) continue;
    touch(id);
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
    for (auto& [id, call] : calls_) {
      touch(id);
      call->on_ended(EndReason::shut_down, 0);
    }
    stop_by_ = now + media_patience;
    return;
  }
  stopped_ = true;
  outbox_.tell(Stopped{});
  outbox_.silent = true;  // the last event, whatever the network still brings
}

}  // namespace sidetone::endpoint
