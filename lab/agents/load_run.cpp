#include "agents/load_run.h"

#include <fmt/format.h>

#include <algorithm>

namespace sidetone::lab {
namespace {

using std::chrono::milliseconds;

// One media thread and one table of lines for so many agents.
constexpr std::size_t lines_per_phone = 100;
// With more calls than this due at once the machine is behind: they are made in a row all the same, but late.
constexpr unsigned burst_max = 50;

std::string why_of(const CallSnapshot& call) {
  switch (call.end_reason) {
    case EndReason::refused: return fmt::format("refused with {}", call.status);
    case EndReason::no_answer: return "nothing came back in time";
    case EndReason::network_failure: return "the network or the media failed";
    case EndReason::hung_up_there: return "ended too early by the far end";
    case EndReason::shut_down: return "the run was stopped";
    default: return "ended otherwise than the script says";
  }
}

}  // namespace

struct LoadRun::AgentCall {
  std::string dn;
  std::size_t next = 0;  // step
  bool answered = false, holding = false;
  std::unique_ptr<boost::asio::steady_timer> timer;
};

struct LoadRun::CustomerCall {
  std::string dn;
  Time dialled;
  bool rang = false, connected = false, late = false;
  std::unique_ptr<boost::asio::steady_timer> timer, patience;
};

struct LoadRun::Phone {
  std::vector<std::string> users;  // by line
  bool is_customer = false;
  std::size_t ready = 0;
  std::unordered_map<CallId, AgentCall> calls;
  std::unique_ptr<engine::PhoneEngine> engine;
};

LoadRun::LoadRun(boost::asio::io_context& io, LoadSettings settings, std::string speech_file, LogSink& log)
    : io_(io),
      settings_(std::move(settings)),
      speech_file_(std::move(speech_file)),
      log_(log),
      call_timer_(io),
      tick_timer_(io) {}

LoadRun::~LoadRun() = default;

engine::PhoneSettings LoadRun::phone_settings() const {
  engine::PhoneSettings settings;
  settings.core.codecs = *codec::parse_enabled(settings_.codecs);
  settings.core.calls_max = 10000;
  settings.core.calls_are_apart = true;
  settings.public_address = settings_.own_address;
  settings.sip_port_min = settings.sip_port_max = 0;
  settings.rtp_port_min = 16384;
  settings.rtp_port_max = 65000;
  settings.user_agent = "Sidetone-Agents";
  settings.tls = settings_.tls;
  settings.without_media = !settings_.with_sound;
  settings.choose_media = [file = speech_file_](const endpoint::OpenMedia&) {
    return engine::MediaChoice{media::FromFile{file, true}, media::ToNowhere{}};
  };
  return settings;
}

Expected<void> LoadRun::add_phone(std::vector<std::string> users, bool registers, bool customer) {
  auto settings = phone_settings();
  for (const auto& user : users) {
    endpoint::CoreLine line;
    line.user = user;
    line.display_name = customer ? "Customer" : "Agent " + user;
    line.server_host = settings_.server_host;
    line.server_port = settings_.server_port;
    line.transport = settings_.transport;
    line.password = settings_.password;
    line.register_expires = std::chrono::seconds(registers ? 600 : 0);
    line.register_retry = std::chrono::seconds(2);
    settings.core.lines.push_back(std::move(line));
  }
  phones_.push_back(std::make_unique<Phone>());
  auto& phone = *phones_.back();
  phone.users = std::move(users);
  phone.is_customer = customer;
  if (!registers) phone.ready = phone.users.size();
  phone.engine = std::make_unique<engine::PhoneEngine>(
      io_, std::move(settings), clock_, random_, log_, [this, &phone](const Event& event) {
        if (const auto* line = std::get_if<LineChanged>(&event)) return line_changed(phone, line->line);
        if (std::holds_alternative<Stopped>(event)) {
          if (++stopped_ == phones_.size()) finish();
          return;
        }
        phone.is_customer ? on_customer(event) : on_agent(phone, event);
      });
  return phone.engine->start();
}

Expected<void> LoadRun::start(std::function<void()> done, std::function<void(std::string)> progress) {
  done_ = std::move(done);
  progress_ = std::move(progress);
  for (unsigned first = 0; first < settings_.count; first += lines_per_phone) {
    std::vector<std::string> users;
    for (unsigned i = first; i < std::min<unsigned>(settings_.count, first + lines_per_phone); ++i) {
      users.push_back(std::to_string(settings_.first_dn + i));
      agent_of_dn_[users.back()] = agents_.size();
      agents_.push_back({users.back()});
    }
    if (auto added = add_phone(std::move(users), true, false); !added) return added;
  }
  if (auto added = add_phone({settings_.customer_dn}, settings_.customer_registers, true); !added)
    return added;
  wait(call_timer_, settings_.patience, [this] {
    progress_("not all lines could register: the run is given up");
    report_.failed("a line did not register");
    stop();
  });
  return {};
}

void LoadRun::line_changed(Phone& phone, const LineSnapshot& line) {
  if (line.state == LineState::failed && !stopping_)
    progress_(fmt::format("line {} is not registered: {} {}", line.user, line.status, line.text));
  if (line.state != LineState::ready || phone.is_customer) {
    if (phone.is_customer && line.state == LineState::ready) phone.ready = 1;
  } else {
    auto& agent = agents_[agent_of_dn_.at(phone.users.at(line.line.index))];
    if (!std::exchange(agent.ready, true)) ++phone.ready;
  }
  const bool all = std::all_of(phones_.begin(), phones_.end(),
                               [](const auto& one) { return one->ready == one->users.size(); });
  const auto wanted = (settings_.count + lines_per_phone - 1) / lines_per_phone + 1;
  if (all && phones_.size() == wanted && !std::exchange(calling_, true)) begin_calls();
}

void LoadRun::begin_calls() {
  progress_(fmt::format("{} agents are registered", settings_.count));
  for (std::size_t i = 0; i < agents_.size(); ++i) free_agents_.push_back(i);
  first_call_ = next_call_ = last_end_ = clock_.now();
  tick();
  call_next();
}

// Open loop: calls are due by the clock, whatever becomes of those before.
void LoadRun::call_next() {
  if (stopping_) return;
  const auto pace = Duration(static_cast<std::int64_t>(1e6 / settings_.rate));
  for (unsigned burst = 0; burst < burst_max && due_ < settings_.calls && next_call_ <= clock_.now();
       ++burst) {
    ++due_;
    next_call_ += pace;
    if (free_agents_.empty()) {
      report_.nobody_free();
      continue;
    }
    const auto index = free_agents_.front();
    free_agents_.pop_front();
    dial(agents_[index]);
  }
  if (due_ >= settings_.calls) return finish_if_over();
  wait(call_timer_, std::chrono::ceil<milliseconds>(std::max(Duration{0}, next_call_ - clock_.now())),
       [this] { call_next(); });
}

void LoadRun::dial(Agent& agent) {
  report_.started();
  dials_.ask(agent.dn, clock_.now());
  phones_.back()->engine->post(Dial{agent.dn, {}});
}

void LoadRun::on_agent(Phone& phone, const Event& event) {
  if (const auto* added = std::get_if<CallAdded>(&event)) {
    if (added->call.direction != CallDirection::incoming) return;
    const auto id = added->call.call;
    auto& call = phone.calls[id];
    call.timer = std::make_unique<boost::asio::steady_timer>(io_);
    wait(*call.timer, settings_.script.ring, [&phone, id] { phone.engine->post(Answer{id}); });
  } else if (const auto* changed = std::get_if<CallChanged>(&event)) {
    const auto found = phone.calls.find(changed->call.call);
    if (found == phone.calls.end() || changed->call.state != CallState::connected) return;
    if (!std::exchange(found->second.answered, true)) step(phone, changed->call.call);
  } else if (const auto* ended = std::get_if<CallEnded>(&event)) {
    if (phone.calls.contains(ended->call.call)) take_quality(ended->statistics);
    phone.calls.erase(ended->call.call);
    free(phone.users.at(ended->call.line.index));
  }
}

void LoadRun::step(Phone& phone, CallId id) {
  const auto found = phone.calls.find(id);
  if (found == phone.calls.end()) return;
  auto& call = found->second;
  if (std::exchange(call.holding, false)) phone.engine->post(Resume{id});
  milliseconds span{0};
  while (span == span.zero()) {
    if (call.next == settings_.script.steps.size()) {
      if (!settings_.script.customer_hangs_up) phone.engine->post(HangUp{id});
      return;
    }
    const auto& now = settings_.script.steps[call.next++];
    if (now.kind == AgentStep::Kind::dtmf) phone.engine->post(SendDtmf{id, now.digits});
    if (now.kind == AgentStep::Kind::hold) {
      phone.engine->post(Hold{id});
      call.holding = true;
    }
    span = now.span;
  }
  wait(*call.timer, span, [this, &phone, id] { step(phone, id); });
}

void LoadRun::on_customer(const Event& event) {
  auto& engine = *phones_.back()->engine;
  if (const auto* added = std::get_if<CallAdded>(&event)) {
    const auto id = added->call.call;
    if (added->call.direction != CallDirection::outgoing) return;
    const auto dialled = dials_.added(added->call.remote_number);
    if (!dialled) return;
    auto& call = customer_calls_[id];
    call.dn = dialled->dn;
    call.dialled = dialled->asked;
    call.timer = std::make_unique<boost::asio::steady_timer>(io_);
    call.patience = std::make_unique<boost::asio::steady_timer>(io_);
    wait(*call.patience, settings_.script.ring + length_of(settings_.script) + settings_.patience,
         [this, &engine, id] {
           const auto found = customer_calls_.find(id);
           if (found == customer_calls_.end()) return;  // it ended when the timer had run out already
           found->second.late = true;
           engine.post(HangUp{id});
         });
  } else if (const auto* changed = std::get_if<CallChanged>(&event)) {
    const auto found = customer_calls_.find(changed->call.call);
    if (found == customer_calls_.end()) return;
    auto& call = found->second;
    const LoadReport::Milliseconds after = clock_.now() - call.dialled;
    const auto state = changed->call.state;
    if (state == CallState::ringing || state == CallState::early || state == CallState::connected)
      if (!std::exchange(call.rang, true)) report_.rang(after);
    if (state != CallState::connected || std::exchange(call.connected, true)) return;
    report_.answered(after);
    if (settings_.script.customer_hangs_up)
      wait(*call.timer, length_of(settings_.script),
           [&engine, id = found->first] { engine.post(HangUp{id}); });
  } else if (const auto* ended = std::get_if<CallEnded>(&event)) {
    customer_ended(*ended);
  } else if (const auto* failed = std::get_if<CommandFailed>(&event);
             failed != nullptr && failed->command == "dial") {
    if (failed->call) return;  // the call tells its end itself
    report_.failed(failed->problem.text);
    if (const auto dialled = dials_.failed()) free(dialled->dn);  // its agent rings for nobody
    finish_if_over();
  }
}

void LoadRun::take_quality(const CallStatistics& statistics) {
  if (statistics.local)
    report_.heard(statistics.mos.whole, statistics.local->packets_received, statistics.local->packets_lost);
}

void LoadRun::customer_ended(const CallEnded& event) {
  auto found = customer_calls_.extract(event.call.call);
  if (found.empty()) return;
  const auto& call = found.mapped();
  const auto expected =
      settings_.script.customer_hangs_up ? EndReason::hung_up_here : EndReason::hung_up_there;
  take_quality(event.statistics);
  last_end_ = clock_.now();
  if (call.late)
    report_.failed("it lasted longer than its script");
  else if (!call.connected || event.call.end_reason != expected)
    report_.failed(why_of(event.call));
  else if (settings_.with_sound && length_of(settings_.script) >= std::chrono::seconds(1) &&
           (!event.statistics.local || event.statistics.local->packets_received == 0))
    report_.failed("nothing was heard");
  else
    report_.finished();
  if (!call.connected) free(call.dn);  // the agent's phone may never have heard of it
  finish_if_over();
}

void LoadRun::free(const std::string& dn) {
  const auto index = agent_of_dn_.at(dn);
  const bool waits = std::find(free_agents_.begin(), free_agents_.end(), index) != free_agents_.end();
  if (!waits) free_agents_.push_back(index);
}

void LoadRun::tick() {
  wait(tick_timer_, milliseconds(1000), [this] {
    progress_(fmt::format("{} calls begun, {} alive, {} over, {} failed", report_.calls(),
                          customer_calls_.size(), report_.over(), report_.failures()));
    if (!stopping_) tick();
  });
}

void LoadRun::finish_if_over() {
  if (due_ >= settings_.calls && customer_calls_.empty() && dials_.empty()) stop();
}

void LoadRun::stop() {
  if (std::exchange(stopping_, true)) return;
  call_timer_.cancel();
  tick_timer_.cancel();
  for (const auto& phone : phones_) phone->engine->post(Stop{});
}

void LoadRun::finish() {
  if (!std::exchange(finished_, true)) done_();
}

LoadReport::Milliseconds LoadRun::length() const { return last_end_ - first_call_; }

void LoadRun::wait(boost::asio::steady_timer& timer, milliseconds span, std::function<void()> then) {
  timer.expires_after(span);
  timer.async_wait(
      [alive = std::weak_ptr<int>(alive_), then = std::move(then)](boost::system::error_code error) {
        if (!error && !alive.expired()) then();
      });
}

}  // namespace sidetone::lab
