#include "sim/desk_world.h"

#include <fmt/format.h>

#include <algorithm>

#include "codec/audio_format.h"

namespace sidetone::sim {

using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

constexpr Time faults_until = at(180), home_at = at(200), people_go_at = at(230), calls_over_at = at(330),
               end_at = at(480);
// What a lost message delays: a transaction's life (RFC 3261 §17, 64*T1), and one more behind it.
constexpr Duration patience = seconds(70);

}  // namespace

DeskWorld::DeskWorld(WorldOptions options) : Simulation(options, 4711) { build(); }

void DeskWorld::build() {
  const LinkQuality quality{0.01, 0.01, 0.01, milliseconds(2 + random_.below(20)), milliseconds(8)};
  const auto count = 4 + random_.below(3);
  lab::ServerSettings lab;
  lab.leg_check_interval = seconds(30);
  lab.ring_max = seconds(40);
  lab.admit_unknown_dns = true;
  lab.dn_defaults.refer_enabled = random_.chance(0.3);
  lab.dn_defaults.make_call_rfc3725_flow = random_.chance(0.5) ? 1 : 2;
  lab.dn_defaults.dual_dialog_enabled = random_.chance(0.7);
  lab.dn_defaults.transfer_complete_by_refer = random_.chance(0.3);
  lab.dn_defaults.reinvite_requires_hold = random_.chance(0.3);
  const auto server_ip = ip_of(0, 1);
  network_.attach(server_ip, quality);
  server_ = std::make_unique<ServerNode>("server", lab, server_ip, network_, random_.next(),
                                         options_.mutation, trace_, verdict_, Time{});
  names_.emplace(queue_, random_, std::vector{server_ip}, std::vector{ip_of(66, 6)});
  std::vector<std::string> dns;
  for (std::uint64_t i = 0; i < count; ++i) {
    PhoneSettings phone;
    phone.dn = fmt::format("70{:02}", i + 1);
    phone.server = {server_ip, 5060};
    phone.tcp = random_.chance(0.2);
    phone.session_expires = seconds(90);
    phone.codecs = codec::parse_enabled(random_.chance(0.5) ? "opus,pcmu,pcma" : "pcmu,pcma").value();
    dns.push_back(phone.dn);
    const auto own = ip_of(1, static_cast<std::uint8_t>(i + 1));
    network_.attach(own, quality);
    phones_.push_back(std::make_unique<Phone>(std::move(phone), own, network_, *names_, queue_,
                                              random_.next(), options_.mutation, trace_, verdict_,
                                              [](Phone&, CallId, const MediaDesk::CallMedia&, Time) {}));
    clockwork_.add(*phones_.back(), [this, one = phones_.back().get()](Time now) { notice(*one, now); });
  }
  desk_ = std::make_unique<Desk>(std::move(dns), *server_, queue_, random_.next(), trace_, verdict_);
  clockwork_.add(*server_, [this](Time now) { desk_->look(now); });
}

void DeskWorld::plan_faults() {
  const auto count = 1 + random_.below(3);
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto where = random_.chance(0.2) ? server_->ip() : phones_[random_.below(phones_.size())]->ip();
    const Time from = at(10) + milliseconds(random_.below(120000));
    const Time until = std::min(faults_until, from + seconds(1 + random_.below(20)));
    const bool cut = random_.chance(0.3);
    const double loss = 0.1 + 0.4 * random_.unit();
    ++faults_;
    ++faults_by_kind_[cut ? "cut" : "loss_burst"];
    const auto set = [this, where, cut, loss](bool on, Time now) {
      if (cut)
        network_.set_cut(where, on, now);
      else
        network_.set_extra_loss(where, on ? loss : 0, now);
    };
    queue_.at(from, [set](Time now) { set(true, now); });
    queue_.at(until, [set](Time now) { set(false, now); });
  }
}

// Some answer by hand what rings, others leave it to the desktop.
void DeskWorld::notice(Phone& phone, Time now) {
  for (const auto call : phone.take_new_incoming()) {
    if (!phone.random().chance(0.4)) continue;
    queue_.at(now + milliseconds(phone.random().below(6000)), [&phone, call](Time when) {
      if (phone.shadow().call(call) != nullptr) phone.command(Answer{call}, when);
    });
  }
}

// People have hands beside their desktops.
void DeskWorld::use_hands(Phone& phone, Time now) {
  std::vector<CallSnapshot> calls;
  for (const auto& [id, call] : phone.shadow().calls()) calls.push_back(call);
  auto& random = phone.random();
  const auto other = [&] {
    const auto& one = phones_[random.below(phones_.size())];
    return one.get() == &phone ? std::string("4040") : one->name();
  };
  if (calls.empty()) {
    if (random.chance(0.3)) phone.command(Dial{other(), {}, {}}, now);
    return;
  }
  const auto& call = calls[random.below(calls.size())];
  switch (random.below(9)) {
    case 0: return phone.command(Answer{call.call}, now);
    case 1: return phone.command(HangUp{call.call}, now);
    case 2: return phone.command(Hold{call.call}, now);
    case 3: return phone.command(Resume{call.call}, now);
    case 4: return phone.command(Transfer{call.call, other()}, now);
    case 5: return phone.command(Dial{other(), {}, call.call}, now);
    case 6: return phone.command(CompleteTransfer{call.call, calls[random.below(calls.size())].call}, now);
    case 7: return phone.command(Swap{}, now);
    case 8: return phone.command(Redirect{call.call, other()}, now);
    default: return;
  }
}

// A call that no desktop knows of is nobody's to end: it must end by itself.
void DeskWorld::leave(Phone& phone, Time now) {
  const bool is_known = !desk_->calls_of(phone.name()).empty() || desk_->was_with_himself(phone.name());
  if (is_known) phone.command(HangUpAll{}, now);
}

// Who sends sound to somebody's port, and is heard there, is in one call with him, and neither has left it.
// While a request is under way, or its messages are being repeated, ends may differ for a while.
void DeskWorld::who_hears_whom(Time now) {
  for (const auto& phone : phones_)
    for (const auto& [id, media] : phone->media().calls()) {
      const auto key = std::pair(phone.get(), id);
      const auto hearer = media.plan.send ? call_at(phones_, media.plan.remote_rtp) : CallRef{};
      const auto* there = hearer ? hearer.phone->media().call(hearer.call) : nullptr;
      bool together = there == nullptr || !there->plan.receive ||
                      there->plan.remote_rtp != Address{media.ip, media.rtp_port};
      for (const auto& call : desk_->calls_of(phone->name())) {
        const auto here = desk_->party(phone->name(), call);
        const auto far = hearer ? desk_->party(hearer.phone->name(), call) : Desk::Party::none;
        const bool both = far != Desk::Party::none && far != Desk::Party::over;
        const bool is_held = here == Desk::Party::held || far == Desk::Party::held;
        together = together || (both && (!is_held || now - desk_->last_change(call) < patience));
        if (now - desk_->last_change(call) < patience) together = together || both;
      }
      // Who was sent to himself is rightly heard by himself.
      together = together || (hearer.phone == phone.get() && desk_->was_with_himself(phone->name()));
      if (together) {
        odd_since_.erase(key);
      } else if (now - odd_since_.emplace(key, now).first->second > patience) {
        verdict_.broken(now, "heard_by_another",
                        fmt::format("{}#{} is heard by {}#{}", phone->name(), id.value, hearer.phone->name(),
                                    hearer.call.value));
        odd_since_[key] = now;
      }
    }
}

// Desktops have ended everything more than two session intervals ago: what lives now nobody knows of.
void DeskWorld::no_call_is_left(Time now) {
  for (const auto& phone : phones_)
    for (const auto& call : phone->snapshot().calls)
      verdict_.broken(now, "orphan_call", fmt::format("{}: {}", phone->name(), describe(call)));
  const auto& server = server_->server();
  if (server.active_calls() != 0 || server.flows() != 0)
    verdict_.broken(now, "orphan_call",
                    fmt::format("server: {} calls, {} requests", server.active_calls(), server.flows()));
  desk_->at_end(now);
  for (const auto& phone : phones_) phone->command(Stop{}, now);
}

void DeskWorld::nothing_is_left(Time now) {
  const auto look = [&](const Node& node, const sip::Stack& stack) {
    const auto left = stack.counters();
    if (left.sessions + left.dialogs + left.clients + left.servers + left.requests + left.subscriptions == 0)
      return;
    verdict_.broken(
        now, "left_over",
        fmt::format("{}: {} sessions, {} dialogs, {} client and {} server transactions, {} requests, "
                    "{} subscriptions",
                    node.name(), left.sessions, left.dialogs, left.clients, left.servers, left.requests,
                    left.subscriptions));
  };
  for (const auto& phone : phones_) {
    look(*phone, phone->stack());
    if (phone->calls_alive() != 0) verdict_.broken(now, "left_over", phone->name() + " has calls");
  }
  look(*server_, server_->stack());
}

WorldResult DeskWorld::run() {
  for (std::size_t i = 0; i < phones_.size(); ++i)
    queue_.at(Time{} + milliseconds(random_.below(1000)), [this, i](Time now) { phones_[i]->start(now); });
  queue_.at(at(3), [this](Time now) { desk_->start(now); });
  plan_faults();
  repeat(
      at(5), home_at, [this] { return milliseconds(1500 + random_.below(6000)); },
      [this](Time now) { use_hands(*phones_[random_.below(phones_.size())], now); });
  repeat(
      at(3), calls_over_at + seconds(1), [] { return seconds(1); },
      [this](Time now) { who_hears_whom(now); });
  queue_.at(home_at, [this](Time) { desk_->go_home(); });
  queue_.at(people_go_at, [this](Time now) {
    for (const auto& phone : phones_) leave(*phone, now);
  });
  queue_.at(calls_over_at, [this](Time now) { no_call_is_left(now); });
  clockwork_.run_until(end_at);
  nothing_is_left(clockwork_.now());
  WorldResult result = this->result();
  result.calls = server_->calls();
  result.answered = server_->answered();
  add(result, server_->stack());
  for (const auto& phone : phones_) {
    add(result, phone->stack());
    add(result, phone->shadow().transitions());
  }
  add(result, desk_->seen());
  return result;
}

}  // namespace sidetone::sim
