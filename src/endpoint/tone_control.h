// The tones at work: calls, devices and what became of earlier orders in; orders to the media side and
// TonesChanged out.
#pragma once

#include <optional>
#include <set>
#include <string>

#include "base/expected.h"
#include "endpoint/incoming_alert.h"
#include "endpoint/outbox.h"

namespace sidetone::endpoint {

class ToneControl {
 public:
  ToneControl(const ToneSettings& settings, Outbox& outbox)
      : alert_(settings), settings_(settings), outbox_(outbox) {}

  void set_call(CallId call, CallPresence presence, bool wants_ringback);
  void set_devices(AlertDevices devices);
  // For the next call that rings: what rings now rings on as it does.
  void reconfigure(const ToneSettings& settings) { next_ = settings; }
  [[nodiscard]] bool any_call() const { return alert_.any_call(); }
  Expected<void> test_ringer();

  // What became of an order. Those of an order that is no longer in force change nothing.
  void tone_ended(std::uint64_t order);
  void tone_failed(std::uint64_t order, const std::string& device);

  void on_time(Time now) { alert_.on_time(now); }
  [[nodiscard]] std::optional<Deadline> deadline() const { return alert_.deadline(); }
  // Orders and tells what the inputs have changed.
  void settle(Time now);
  [[nodiscard]] const TonesSnapshot& snapshot() const { return shown_; }

 private:
  void order_alert(const Alert& alert);
  void order_ringback();

  IncomingAlert alert_;
  ToneSettings settings_;
  std::optional<ToneSettings> next_;
  Outbox& outbox_;
  AlertDevices devices_;
  std::set<CallId> ringback_;  // outgoing calls that want it
  std::uint64_t last_order_ = 0, alert_order_ = 0;
  Alert ordered_alert_;
  std::vector<TonePlace> ordered_ringback_;
  TonesSnapshot shown_;
};

}  // namespace sidetone::endpoint
