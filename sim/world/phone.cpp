#include "sim/phone.h"

#include <fmt/format.h>

#include <algorithm>

#include "endpoint/core_stack.h"

namespace sidetone::sim {

namespace {

// Bound: one input never makes a phone speak for ever.
constexpr int drain_rounds_max = 10000;

sip::StackSettings stack_settings(const PhoneSettings& phone, const PhoneFaults& faults) {
  auto settings = endpoint::core_stack_settings();
  settings.timers.client_timeout = phone.client_timeout;
  settings.session_timer.expires = phone.session_expires;
  faults.settings(settings);
  return settings;
}

std::optional<CallId> call_of(const Event& event) {
  if (const auto* added = std::get_if<CallAdded>(&event)) return added->call.call;
  if (const auto* changed = std::get_if<CallChanged>(&event)) return changed->call.call;
  return std::nullopt;
}

}  // namespace

Phone::Phone(PhoneSettings settings, IpAddress ip, Network& network, NameServer& names, EventQueue& queue,
             std::uint64_t seed, Mutation mutation, Trace& trace, Verdict& verdict, SoundBegins sound_begins)
    : Node(settings.dn, ip, network),
      settings_(std::move(settings)),
      names_(names),
      trace_(trace),
      verdict_(verdict),
      random_(seed),
      faults_(mutation),
      stack_(stack_settings(settings_, faults_), random_, trace),
      line_sockets_(bind_lines()),
      owned_core_(std::make_unique<endpoint::EndpointCore>(core_settings(), stack_, random_, trace)),
      core_(*owned_core_),
      shadow_(settings_.dn, verdict),
      media_(queue, random_, reports(std::move(sound_begins))) {}

// For a second line that comes later, too.
std::vector<sip::SocketId> Phone::bind_lines() {
  std::vector<sip::SocketId> sockets;
  for (int i = 0; i < lines_max; ++i) {
    const auto port = static_cast<std::uint16_t>(5060 + 2 * i);
    sockets.push_back(bind_udp(port));
    // Large requests go over TCP whatever the line's transport is, and responses may come back on a new
    // connection (RFC 3261 §18.1.1): a phone listens for both, as the engine does.
    static_cast<void>(listen_tcp(port));
  }
  return sockets;
}

endpoint::CoreSettings Phone::core_settings() const {
  endpoint::CoreSettings core;
  for (int i = 0; i < settings_.lines; ++i) {
    endpoint::CoreLine line;
    line.user = settings_.dn;
    line.server_host = settings_.named ? std::string(zone_name) : settings_.server.ip.to_string();
    line.server_port = settings_.named ? 0 : settings_.server.port;
    line.any_transport = settings_.any_transport;
    line.transport = settings_.tcp ? sip::Transport::tcp : sip::Transport::udp;
    if (!settings_.tcp) line.socket = line_sockets_[static_cast<std::size_t>(i)];
    line.media_ip = ip();
    line.display_name =
        settings_.display_name.empty() ? "Agent \"" + settings_.dn + "\"" : settings_.display_name;
    line.password = Secret<std::string>(settings_.password);
    line.register_expires = settings_.register_expires;
    core.lines.push_back(std::move(line));
  }
  core.codecs = settings_.codecs;
  core.answer_by_offer_order = settings_.offer_order;
  core.auto_answer = settings_.auto_answer;
  core.reject_when_busy = settings_.reject_when_busy;
  core.dtmf_method = settings_.dtmf_method;
  return core;
}

MediaDesk::Reports Phone::reports(SoundBegins sound_begins) {
  return {.ready =
              [this](CallId call, endpoint::MediaTransport transport, Time now) {
                tell_core(now, [=, this](Time then) { core_.media_ready(call, transport, then); });
              },
          .failed =
              [this](CallId call, Time now) {
                tell_core(now, [=, this](Time then) {
                  core_.media_failed(call, {Fault::busy, Layer::media, "no port is free", {}}, then);
                });
              },
          .digits_sent =
              [this](CallId call, std::size_t count, Time now) {
                if (!faults_.digits_sent()) return;
                tell_core(now, [=, this](Time then) { core_.digits_sent(call, count, then); });
              },
          .closed =
              [this](CallId call, Time now) {
                tell_core(now, [=, this](Time then) { core_.media_closed(call, {}, then); });
              },
          .first_packet = [this, begins = std::move(sound_begins)](
                              CallId call, const MediaDesk::CallMedia& media,
                              Time now) { begins(*this, call, media, now); }};
}

void Phone::tell_core(Time now, const std::function<void(Time)>& what) {
  if (put_off([=, this](Time then) { tell_core(then, what); })) return;
  what(clock(now));
  dirty_ = true;
  drain(now);
}

void Phone::resume(bool clock_stood_still, Duration told, Time now) {
  if (!is_asleep()) return;
  wake_up(now, clock_stood_still);
  stack_.on_resume(told, clock(now));
  drain(now);
}

void Phone::ask(const sip::DnsQuery& query, Time now) {
  names_.ask(
      query,
      [this, id = query.id](sip::DnsAnswer answer, Time when) {
        faults_.dns_answer(answer);
        dns_answer(id, answer, when);
      },
      now);
}

void Phone::start(Time now) {
  core_.start(clock(now));
  drain(now);
}

void Phone::command(const Command& command, Time now) {
  if (is_asleep()) return;
  std::visit(
      [&](const auto& what) {
        using What = std::decay_t<decltype(what)>;
        if constexpr (std::is_same_v<What, Answer>) {
          consented_.insert(what.call);
          answers_given_.emplace(what.call, now);
        }
        if constexpr (std::is_same_v<What, HangUp>)
          if (shadow_.call(what.call)) hung_up_.emplace(what.call, now);
        if constexpr (std::is_same_v<What, HangUpAll>)
          for (const auto& [id, call] : shadow_.calls()) hung_up_.emplace(id, now);
        if constexpr (std::is_same_v<What, SendDtmf>)
          if (shadow_.call(what.call)) digits_awaited_.emplace(what.call, now);
        if constexpr (requires { what.call; }) changed_[what.call] = now;
      },
      command);
  const auto added = shadow_.counters().added, failed = shadow_.counters().command_failures;
  if (faults_.command(command)) core_.handle(command, clock(now));
  dirty_ = true;
  drain(now);
  if (std::holds_alternative<Dial>(command)) check_dial(added, failed, now);
}

void Phone::reconfigure(PhoneSettings settings, Time now) {
  if (is_asleep()) return;
  settings_ = std::move(settings);
  const auto before = shadow_.calls();
  if (faults_.change_is_taken()) core_.reconfigure(core_settings(), clock(now));
  if (faults_.change_ends_calls())
    for (const auto& [id, call] : before) core_.handle(HangUp{id}, clock(now));
  dirty_ = true;
  drain(now);
  check_change(before, now);
}

// Whatever changes, each call is what it was; and the lines are where the configuration has them. Whether
// they register there is a rule of its own (line_away).
void Phone::check_change(const std::map<CallId, CallSnapshot>& before, Time now) {
  for (const auto& [id, call] : before) {
    const auto* after = shadow_.call(id);
    if (!after || after->state != call.state)
      verdict_.broken(now, "call_changed_by_configuration", fmt::format("{}: {}", name(), describe(call)));
  }
  const auto server = settings_.named ? std::string(zone_name) : settings_.server.to_string();
  const auto lines = core_.snapshot().lines;
  if (lines.size() != static_cast<std::size_t>(settings_.lines) ||
      std::any_of(lines.begin(), lines.end(), [&](const auto& line) { return line.server != server; }))
    verdict_.broken(now, "line_did_not_follow", name() + " is not where its configuration has it");
}

// Each dial is answered at once: by a call, or by the reason why there is none.
void Phone::check_dial(std::size_t added_before, std::size_t failed_before, Time now) {
  const auto answers =
      shadow_.counters().added - added_before + shadow_.counters().command_failures - failed_before;
  if (answers == 0) verdict_.broken(now, "dial_lost", name() + ": neither a call nor a reason");
}

void Phone::hear_first_packet(CallId call, Time now) {
  tell_core(now, [=, this](Time) { core_.media_started(call); });
}

void Phone::on_time(Time now) {
  if (is_asleep()) return;
  stack_.on_time(clock(now));
  drain(now);
  core_.on_time(clock(now));
  drain(now);
}

std::optional<Deadline> Phone::deadline() const {
  if (is_asleep()) return std::nullopt;
  auto next = earlier(stack_.deadline(), core_.deadline());
  if (next) next->when += lag();
  return next;
}

void Phone::drain(Time now) {
  touch();
  for (int round = 0; round < drain_rounds_max; ++round) {
    if (auto event = stack_.poll_event()) {
      dirty_ = true;
      if (const auto* line = std::get_if<sip::RegistrationChanged>(&*event))
        registrations_[line->account] = line->state;
      note_consent(*event);
      if (faults_.sip_event(*event)) core_.handle(std::move(*event), clock(now));
    } else if (auto order = core_.poll_media()) {
      dirty_ = true;
      obey(std::move(*order), now);
    } else if (auto told = core_.poll_event()) {
      dirty_ = true;
      if (faults_.user_event(*told)) see(*told, now);
    } else if (auto io = stack_.poll_io()) {
      carry_out(*io, now);
    } else {
      if (!std::exchange(dirty_, false)) return;
      const auto snapshot = core_.snapshot();
      live_calls_ = snapshot.calls.size();
      shadow_.compare(snapshot, now);
      check_sound(snapshot, now);
      compare_with_sip({name(), core_, stack_, registrations_}, snapshot, verdict_, now);
      return;
    }
  }
  verdict_.broken(now, "endless_drain", name());
}

void Phone::obey(endpoint::MediaOrder order, Time now) {
  if (!faults_.media_order(order)) return;
  if (const auto* apply = std::get_if<endpoint::ApplyPlan>(&order)) {
    changed_[apply->call] = now;
    trace_.note(now, name(), [&] {
      return fmt::format("#{} plan {}{} to {}", apply->call.value, apply->plan.send ? "send " : "",
                         apply->plan.receive ? "receive" : "", apply->plan.remote_rtp.to_string());
    });
  }
  media_.carry_out(order, now);
  if (const auto extra = faults_.extra_order(order)) media_.carry_out(*extra, now);
}

// The server's "talk" is a user's click somewhere else. A call that replaces another goes on with its
// consent.
void Phone::note_consent(const sip::Event& event) {
  const auto* request = std::get_if<sip::IncomingRequest>(&event);
  if (!request || request->request->value(sip::HeaderId::event) != "talk") return;
  const auto call = core_.sessions().find(request->session);
  if (call != core_.sessions().end()) consented_.insert(call->second);
}

void Phone::see(const Event& event, Time now) {
  shadow_.see(event, now);
  if (const auto id = call_of(event)) {
    changed_[*id] = now;
    trace_.note(now, name(), [&] { return "told: " + describe(*shadow_.call(*id)); });
  }
  if (const auto* added = std::get_if<CallAdded>(&event)) {
    added_[added->call.call] = now;
    const bool replaces = added->call.direction == CallDirection::incoming && added->call.related_call;
    if (settings_.auto_answer || replaces) consented_.insert(added->call.call);
    if (added->call.direction == CallDirection::incoming) new_incoming_.push_back(added->call.call);
  } else if (const auto* sent = std::get_if<DtmfSent>(&event)) {
    digits_awaited_.erase(sent->call);
  } else if (const auto* failed = std::get_if<CommandFailed>(&event)) {
    change_refused_[failed->call] = now;
    if (failed->command == "answer") answers_given_.erase(failed->call);
    if (failed->command == "dtmf") digits_awaited_.erase(failed->call);
    trace_.note(now, name(), [&] {
      return fmt::format("told: #{} {} failed: {}", failed->call.value, failed->command,
                         failed->problem.text);
    });
  } else if (const auto* ended = std::get_if<CallEnded>(&event)) {
    const auto id = ended->call.call;
    trace_.note(now, name(), [&] { return "told: " + describe(ended->call); });
    if (ended->call.end_reason == EndReason::hung_up_here && !hung_up_.contains(id))
      verdict_.broken(now, "ended_unasked", fmt::format("{}: {}", name(), describe(ended->call)));
    for (auto* times : {&digits_awaited_, &changed_, &change_refused_, &added_, &answers_given_})
      times->erase(id);
    consented_.erase(id);
    hung_up_.erase(id);
  }
}

// What the microphone must never do, whatever the network did before.
void Phone::check_sound(const Snapshot& snapshot, Time now) {
  for (const auto& [id, media] : media_.calls()) {
    const auto found = std::find_if(snapshot.calls.begin(), snapshot.calls.end(),
                                    [wanted = id](const auto& call) { return call.call == wanted; });
    if (found == snapshot.calls.end()) {
      if (media.plan.send && !media.closing)
        verdict_.broken(now, "sound_after_end", fmt::format("{}#{}", name(), id.value));
      continue;
    }
    const bool incoming = found->direction == CallDirection::incoming;
    if (media.ready && media.muted != found->muted)
      verdict_.broken(now, "mute_differs", fmt::format("{}: {}", name(), describe(*found)));
    if (!media.plan.send) continue;
    if (incoming && (consented_.count(id) == 0 || found->state == CallState::ringing))
      verdict_.broken(now, "sound_before_consent", fmt::format("{}: {}", name(), describe(*found)));
    if (found->held_by_us || found->hold_wanted)
      verdict_.broken(now, "sound_on_hold", fmt::format("{}: {}", name(), describe(*found)));
    if (found->held_by_peer)
      verdict_.broken(now, "sound_to_a_holder", fmt::format("{}: {}", name(), describe(*found)));
    if (hung_up_.count(id) != 0)
      verdict_.broken(now, "sound_after_hang_up", fmt::format("{}: {}", name(), describe(*found)));
  }
}

std::size_t Phone::sessions_without_call() const {
  const auto sessions = stack_.counters().sessions;
  return sessions > live_calls_ ? sessions - live_calls_ : 0;
}

std::optional<Time> Phone::added_at(CallId call) const {
  const auto found = added_.find(call);
  if (found == added_.end()) return std::nullopt;
  return found->second;
}

Time Phone::last_change(CallId call) const {
  const auto found = changed_.find(call);
  return found == changed_.end() ? Time{} : found->second;
}

Time Phone::last_refused_change(CallId call) const {
  const auto found = change_refused_.find(call);
  return found == change_refused_.end() ? Time{} : found->second;
}

}  // namespace sidetone::sim
