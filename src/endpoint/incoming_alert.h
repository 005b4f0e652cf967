// What is heard of incoming calls: the ringtone, the call-waiting tone or nothing; on which devices, and for
// how long. The rules are those of the administrator's guide, "ringing_enabled" and its neighbours. Pure:
// calls, devices and times go in, one alert comes out.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/time.h"
#include "endpoint/media_order.h"
#include "endpoint/tone_settings.h"
#include "sidetone/snapshot.h"

namespace sidetone::endpoint {

// One call, as far as tones go.
enum class CallPresence : std::uint8_t {
  rings,   // incoming, waits for its answer
  silent,  // the same, but nothing shall be heard of it (make-call-alert-info)
  active,  // spoken with, or being dialed
  held,    // on hold by us
  over,
};

// Ids. Empty: there is none.
struct AlertDevices {
  std::string open_speaker;  // open for calls now: what plays on it is mixed into what they play
  std::string headset;       // the guide's communication device: what calls use
  std::string system;        // the sound system's default
  std::string ringer;        // ringer_device
  friend bool operator==(const AlertDevices&, const AlertDevices&) = default;
};

struct Alert {
  Tone tone = Tone::none;  // none, ringing or call_waiting
  CallId call;             // whose
  bool once = false;
  std::vector<TonePlace> places;
  friend bool operator==(const Alert&, const Alert&) = default;
};

class IncomingAlert {
 public:
  explicit IncomingAlert(const ToneSettings& settings) : settings_(settings) {}

  void set_call(CallId call, CallPresence presence);
  // False: a call rings, by the settings that it began with.
  bool use(const ToneSettings& settings);
  void set_devices(AlertDevices devices);
  void device_failed(const std::string& device);  // not used again before devices change or the alert ends
  void place_ended();                             // of an alert that sounds once
  // The ringtone once, without a call. False: nowhere.
  bool test();
  void on_time(Time now);
  [[nodiscard]] std::optional<Deadline> deadline() const;

  [[nodiscard]] bool any_call() const { return !entries_.empty(); }
  // What shall be heard from now on.
  [[nodiscard]] const Alert& choose(Time now);

 private:
  struct Entry {
    CallPresence presence = CallPresence::over;
    std::optional<Time> rang_at;
    bool rung_out = false;  // its time is over, or it has sounded once
  };
  [[nodiscard]] bool sounds_once() const;
  [[nodiscard]] Alert chosen(Time now);
  [[nodiscard]] Alert ringing(CallId call, Entry& entry, Time now);
  [[nodiscard]] std::vector<TonePlace> ringing_places() const;
  void add_place(std::vector<TonePlace>& places, const std::string& device, ToneFile file) const;

  ToneSettings settings_;
  std::map<CallId, Entry> entries_;
  std::set<CallId> ringing_;  // oldest first
  std::size_t active_ = 0, held_ = 0;
  AlertDevices devices_;
  std::set<std::string> failed_;
  Alert alert_;
  std::size_t places_ended_ = 0;
  bool testing_ = false;
};

}  // namespace sidetone::endpoint
