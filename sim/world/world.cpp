#include "sim/world.h"

#include <fmt/format.h>

#include "codec/audio_format.h"

namespace sidetone::sim {

using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

constexpr Time faults_from = at(20), faults_until = at(470), home_at = at(500), stop_at = at(555),
               unregistered_at = at(600), end_at = at(760);  // three minutes for late answers
// A world with fewer has not tried hard enough.
constexpr std::uint64_t calls_min = 20, faults_min = 3;

std::vector<codec::AudioFormat> codecs(Random& random) {
  constexpr const char* lists[] = {"opus,G722/16000,pcmu,pcma", "pcmu,pcma", "pcma,pcmu,G722/16000"};
  auto formats = codec::parse_enabled(lists[random.below(3)]);
  return formats ? std::move(*formats) : std::vector<codec::AudioFormat>{};
}

}  // namespace

World::World(WorldOptions options) : Simulation(options, 1) { build(); }

std::vector<PhoneSettings> World::draw_phones() {
  std::vector<PhoneSettings> phones;
  // In some worlds nobody uses names; in others most do, and calls between two servers' phones find nobody.
  const double named = random_.chance(0.6) ? 0.85 : 0;
  constexpr int session_intervals_s[] = {90, 300, 1800};
  const auto session_expires = seconds(session_intervals_s[random_.below(3)]);
  const auto agents = 4 + random_.below(3), customers = 3 + random_.below(2);
  for (std::uint64_t i = 0; i < agents + customers; ++i) {
    PhoneSettings phone;
    const bool agent = i < agents;
    phone.dn = agent ? fmt::format("70{:02}", i + 1) : fmt::format("90{:02}", i - agents + 1);
    if (random_.chance(0.5)) phone.password = "secret-" + phone.dn;
    phone.lines = agent && random_.chance(0.4) ? 2 : 1;
    phone.tcp = random_.chance(0.25);
    phone.auto_answer = agent && random_.chance(0.15);
    phone.reject_when_busy = random_.chance(0.3);
    phone.offer_order = random_.chance(0.3);
    phone.dtmf_method = random_.chance(0.4) ? DtmfMethod::info : DtmfMethod::rfc2833;
    phone.register_expires = seconds(60 + random_.below(120));
    phone.codecs = codecs(random_);
    phone.server = {server_ip(renumbers_ || (server_count_ > 1 && random_.chance(0.2)) ? 1 : 0), 5060};
    phone.named = random_.chance(named);
    phone.any_transport = phone.named && !phone.tcp && random_.chance(0.3);
    if (phone.named && random_.chance(0.5)) phone.client_timeout = seconds(4);
    phone.session_expires = session_expires;
    phone.patient_user = random_.chance(0.3);
    phones.push_back(std::move(phone));
  }
  return phones;
}

IpAddress World::server_ip(std::size_t index) const { return ip_of(0, static_cast<std::uint8_t>(index + 1)); }

void World::build_servers(const std::vector<PhoneSettings>& phones, LinkQuality quality) {
  lab::ServerSettings lab;
  lab.leg_check_interval = seconds(30);
  lab.fork = random_.chance(0.3);
  lab.ring_max = seconds(60);
  for (const auto& phone : phones) lab.users.push_back({phone.dn, Secret<std::string>(phone.password)});
  lab.challenge_invites = random_.chance(0.3);
  for (std::size_t i = 0; i < server_count_; ++i) {
    network_.attach(server_ip(i), quality);
    servers_.push_back(std::make_unique<ServerNode>(fmt::format("server{}", i + 1), lab, server_ip(i),
                                                    network_, random_.next(), options_.mutation, trace_,
                                                    verdict_, Time{}));
  }
}

void World::build() {
  const LinkQuality quality{0.01, 0.01, 0.01, milliseconds(2 + random_.below(20)), milliseconds(8)};
  server_count_ = random_.chance(0.4) ? 2 : 1;
  renumbers_ = server_count_ > 1 && random_.chance(0.3);
  const auto settings = draw_phones();
  std::vector<std::string> numbers;
  for (const auto& phone : settings) numbers.push_back(phone.dn);
  build_servers(settings, quality);
  std::vector<IpAddress> servers;
  for (const auto& server : servers_) servers.push_back(server->ip());
  if (renumbers_) servers.pop_back();
  // Lies lead to an address without a machine, and to a phone.
  names_.emplace(queue_, random_, servers, std::vector{ip_of(66, 6), ip_of(1, 1)});
  for (std::size_t i = 0; i < settings.size(); ++i) {
    const auto own = ip_of(1, static_cast<std::uint8_t>(i + 1));
    network_.attach(own, quality);
    phones_.push_back(std::make_unique<Phone>(settings[i], own, network_, *names_, queue_, random_.next(),
                                              options_.mutation, trace_, verdict_,
                                              [this](Phone& from, CallId, const MediaDesk::CallMedia& media,
                                                     Time now) { sound_begins(from, media, now); }));
    users_.push_back(std::make_unique<User>(*phones_.back(), numbers, queue_));
  }
  const auto stranger = ip_of(99, 9);
  network_.attach(stranger, {});
  attacker_.emplace(stranger, network_, random_, verdict_);
  network_.tap = [this](IpAddress from, IpAddress to, const sip::Bytes& bytes, Time now) {
    storms_.message(*bytes, now);
    attacker_->overhear(from, to, bytes, now);
  };
  rules_ = std::make_unique<Rules>(phones_, servers_, *names_, network_, verdict_);
  for (std::size_t i = 0; i < phones_.size(); ++i)
    clockwork_.add(*phones_[i], [user = users_[i].get()](Time now) { user->look(now); });
  for (const auto& server : servers_) clockwork_.add(*server);
}

// Both ends of a call press the button in the same instant: their re-INVITEs cross (RFC 3261 §14.1).
void World::make_glare(Time now) {
  std::vector<std::pair<CallRef, CallRef>> pairs;
  for (const auto& phone : phones_)
    for (const auto& [id, call] : phone->shadow().calls()) {
      const auto* media = phone->media().call(id);
      if (call.state != CallState::connected || !media || !media->planned) continue;
      if (const auto peer = call_at(phones_, media->plan.remote_rtp))
        pairs.push_back({{phone.get(), id}, peer});
    }
  if (pairs.empty()) return;
  const auto [one, other] = pairs[random_.below(pairs.size())];
  for (const auto& end : {one, other}) {
    const auto* call = end.phone->shadow().call(end.call);
    if (!call) continue;
    if (call->hold_wanted)
      end.phone->command(Resume{end.call}, now);
    else
      end.phone->command(Hold{end.call}, now);
  }
}

// An administrator who cannot leave it alone.
void World::change_configuration(Phone& phone, Time now) {
  if (phone.is_asleep()) return;
  auto settings = phone.settings();
  std::string kind;
  switch (random_.below(6)) {
    case 0:
      settings.register_expires = seconds(60 + random_.below(120));
      kind = "register_expires";
      break;
    case 1:
      settings.display_name = fmt::format("Desk {}", random_.below(100));
      kind = "display_name";
      break;
    case 2:
      settings.codecs = codecs(random_);
      kind = "codecs";
      break;
    case 3:
      settings.auto_answer = random_.chance(0.15);
      settings.reject_when_busy = random_.chance(0.3);
      settings.offer_order = random_.chance(0.3);
      settings.dtmf_method = random_.chance(0.4) ? DtmfMethod::info : DtmfMethod::rfc2833;
      kind = "policies";
      break;
    case 4:
      settings.lines = 3 - settings.lines;
      kind = "lines";
      break;
    default:
      if (settings.named || renumbers_ || server_count_ < 2) return;
      settings.server.ip = settings.server.ip == server_ip(0) ? server_ip(1) : server_ip(0);
      kind = "server";
      break;
  }
  ++changes_[kind];
  if (phone.calls_alive() > 0) ++changes_["under a call"];
  trace_.note(now, phone.name(), [&] { return "configuration: another " + kind; });
  phone.reconfigure(std::move(settings), now);
}

void World::plan_end() {
  queue_.at(home_at, [this](Time) {
    for (const auto& user : users_) user->go_home();
  });
  queue_.at(stop_at, [this](Time now) {
    rules_->after_hang_up(now);
    for (const auto& phone : phones_) phone->command(Stop{}, now);
  });
  queue_.at(unregistered_at, [this](Time now) { rules_->after_unregistering(now); });
}

// One packet in twenty milliseconds until one comes through; the rest of the sound is not simulated.
void World::sound_begins(Phone& from, const MediaDesk::CallMedia& media, Time now) {
  for (int packet = 0; packet < 5; ++packet) {
    const auto arrival =
        network_.packet_arrival(from.ip(), media.plan.remote_rtp.ip, now + milliseconds(20) * packet);
    if (!arrival) continue;
    queue_.at(*arrival, [this, to = media.plan.remote_rtp](Time when) {
      if (const auto hearer = call_at(phones_, to)) hearer.phone->hear_first_packet(hearer.call, when);
    });
    return;
  }
}

// --- the run

WorldResult World::run() {
  for (std::size_t i = 0; i < phones_.size(); ++i) {
    queue_.at(Time{} + milliseconds(random_.below(2000)), [this, i](Time now) { phones_[i]->start(now); });
    users_[i]->start(at(3));
  }
  plan_faults(faults_from, faults_until);
  if (renumbers_) plan_renumbering(at(100 + static_cast<int>(random_.below(150))), faults_until);
  repeat(
      at(10), home_at, [this] { return seconds(10 + random_.below(15)); },
      [this](Time now) { make_glare(now); });
  repeat(
      at(5), home_at, [this] { return milliseconds(500 + random_.below(5000)); },
      [this](Time now) { attacker_->attack(*phones_[random_.below(phones_.size())], now); });
  repeat(
      at(15), faults_until, [this] { return milliseconds(4000 + random_.below(20000)); },
      [this](Time now) { change_configuration(*phones_[random_.below(phones_.size())], now); });
  repeat(at(1), stop_at, [] { return seconds(1); }, [this](Time now) { rules_->every_second(now); });
  plan_end();
  clockwork_.run_until(end_at);
  const Time now = clockwork_.now();
  rules_->at_end(now);
  std::uint64_t calls = 0;
  for (const auto& server : servers_) calls += server->calls();
  if (calls < calls_min || faults_ < faults_min)
    verdict_.broken(now, "too_quiet", fmt::format("{} calls, {} faults", calls, faults_));
  return result_of_all();
}

std::string World::name_of(IpAddress ip) const {
  for (const auto& server : servers_)
    if (server->ip() == ip) return server->name();
  for (const auto& phone : phones_)
    if (phone->ip() == ip) return phone->name();
  return ip.to_string();
}

WorldResult World::result_of_all() const {
  WorldResult result = this->result();
  result.attacks = attacker_->counters();
  result.changes = changes_;
  for (const auto& server : servers_) {
    result.calls += server->calls();
    result.answered += server->answered();
    add(result, server->stack());
  }
  for (const auto& phone : phones_) {
    add(result, phone->stack());
    add(result, phone->shadow().transitions());
  }
  return result;
}

}  // namespace sidetone::sim
