#include "endpoint/incoming_alert.h"

#include <algorithm>
#include <utility>

namespace sidetone::endpoint {
namespace {

struct Places {
  bool headset = false, system = false, ringer = false;
};

Places places_of(RingWhere where) {
  switch (where) {
    case RingWhere::nowhere: return {};
    case RingWhere::system: return {.system = true};
    case RingWhere::headset:
    case RingWhere::headset_once: return {.headset = true};
    case RingWhere::system_and_headset:
    case RingWhere::system_and_headset_once: return {.headset = true, .system = true};
    case RingWhere::ringer: return {.ringer = true};
    case RingWhere::system_and_ringer: return {.system = true, .ringer = true};
  }
  return {};
}

}  // namespace

bool IncomingAlert::sounds_once() const {
  return settings_.ringing == RingWhere::headset_once ||
         settings_.ringing == RingWhere::system_and_headset_once;
}

void IncomingAlert::set_call(CallId call, CallPresence presence) {
  const auto count = [&](CallPresence of, int step) {
    if (of == CallPresence::active) active_ = static_cast<std::size_t>(static_cast<long>(active_) + step);
    if (of == CallPresence::held) held_ = static_cast<std::size_t>(static_cast<long>(held_) + step);
  };
  auto& entry = entries_[call];
  count(std::exchange(entry.presence, presence), -1);
  count(presence, 1);
  if (presence == CallPresence::rings)
    ringing_.insert(call);
  else
    ringing_.erase(call);
  if (presence == CallPresence::over) entries_.erase(call);
  testing_ = testing_ && entries_.empty();
}

void IncomingAlert::set_devices(AlertDevices devices) {
  if (devices == devices_) return;
  devices_ = std::move(devices);
  failed_.clear();
}

void IncomingAlert::device_failed(const std::string& device) { failed_.insert(device); }

void IncomingAlert::place_ended() {
  if (!alert_.once || ++places_ended_ < alert_.places.size()) return;
  if (const auto found = entries_.find(alert_.call); found != entries_.end()) found->second.rung_out = true;
  testing_ = false;
  alert_ = {};
}

bool IncomingAlert::use(const ToneSettings& settings) {
  if (!ringing_.empty() || alert_.tone != Tone::none) return false;
  settings_ = settings;
  return true;
}

bool IncomingAlert::test() {
  testing_ = entries_.empty() && !ringing_places().empty();
  return testing_;
}

void IncomingAlert::on_time(Time now) {
  const auto due = deadline();
  if (due && due->when <= now) entries_.at(alert_.call).rung_out = true;
}

std::optional<Deadline> IncomingAlert::deadline() const {
  if (alert_.tone != Tone::ringing || alert_.once || settings_.ringing_timeout.count() == 0)
    return std::nullopt;
  const auto found = entries_.find(alert_.call);
  if (found == entries_.end() || !found->second.rang_at) return std::nullopt;
  return Deadline{*found->second.rang_at + settings_.ringing_timeout, "ringing_timeout"};
}

const Alert& IncomingAlert::choose(Time now) {
  auto wanted = chosen(now);
  if (wanted.tone == Tone::none) failed_.clear();
  if (wanted == alert_) return alert_;
  places_ended_ = 0;
  alert_ = std::move(wanted);
  return alert_;
}

Alert IncomingAlert::chosen(Time now) {
  if (testing_)
    if (auto places = ringing_places(); !places.empty()) return {Tone::ringing, {}, true, std::move(places)};
  // One that sounds once is not cut off by the answer, nor by another call: only by the end of its own.
  if (alert_.once)
    if (const auto found = entries_.find(alert_.call); found != entries_.end() && !found->second.rung_out)
      if (auto same = ringing(alert_.call, found->second, now); !same.places.empty()) return same;
  if (ringing_.empty()) return {};
  // ringing_while_call_held: a held call is not active, yet with 0 it keeps the ringtone away, too.
  if (active_ > 0 || (held_ > 0 && !settings_.ringing_while_call_held)) {
    if (!settings_.call_waiting) return {};
    Alert waiting{Tone::call_waiting, *ringing_.begin(), false, {}};
    add_place(waiting.places, devices_.headset, ToneFile::call_waiting);
    return waiting;
  }
  if (settings_.ringing == RingWhere::nowhere) return {};
  for (const auto call : ringing_) {
    auto& entry = entries_.at(call);
    if (!entry.rung_out) return ringing(call, entry, now);
  }
  return {};
}

Alert IncomingAlert::ringing(CallId call, Entry& entry, Time now) {
  if (!entry.rang_at) entry.rang_at = now;
  return {Tone::ringing, call, sounds_once(), ringing_places()};
}

// Two places that are one device sound once: with the file of the headset, or of the ringer.
// The guide does not say which file a ringer_device plays: it is policy.session.ringing_file, the one that
// stands beside ringing_enabled.
std::vector<TonePlace> IncomingAlert::ringing_places() const {
  const auto where = places_of(settings_.ringing);
  std::vector<TonePlace> places;
  if (where.headset) add_place(places, devices_.headset, ToneFile::ringing);
  if (where.ringer) add_place(places, devices_.ringer, ToneFile::ringing);
  if (where.system) add_place(places, devices_.system, ToneFile::system_ringing);
  // A phone whose ringer does not work still rings.
  if (places.empty() && !failed_.empty()) add_place(places, devices_.headset, ToneFile::ringing);
  return places;
}

void IncomingAlert::add_place(std::vector<TonePlace>& places, const std::string& device,
                              ToneFile file) const {
  if (device.empty() || failed_.contains(device)) return;
  const auto id = device == devices_.open_speaker ? std::string() : device;
  const auto same = [&](const TonePlace& place) { return place.device == id; };
  if (std::none_of(places.begin(), places.end(), same)) places.push_back({id, file});
}

}  // namespace sidetone::endpoint
