#include "endpoint/tone_control.h"

namespace sidetone::endpoint {

void ToneControl::set_call(CallId call, CallPresence presence, bool wants_ringback) {
  alert_.set_call(call, presence);
  if (wants_ringback)
    ringback_.insert(call);
  else
    ringback_.erase(call);
}

void ToneControl::set_devices(AlertDevices devices) {
  if (devices == devices_) return;
  devices_ = std::move(devices);
  alert_.set_devices(devices_);
}

Expected<void> ToneControl::test_ringer() {
  if (settings_.ringing == RingWhere::nowhere)
    return fail(Layer::engine, Fault::state, "ringing_enabled is 0: calls do not ring",
                "set it to where they shall ring");
  if (any_call()) return fail(Layer::engine, Fault::state, "a call is alive", "test the ringer without one");
  if (!alert_.test())
    return fail(Layer::device, Fault::not_found, "there is no device that could ring", "plug a speaker in");
  return {};
}

void ToneControl::tone_ended(std::uint64_t order) {
  if (order == alert_order_) alert_.place_ended();
}

void ToneControl::tone_failed(std::uint64_t order, const std::string& device) {
  if (order == alert_order_) alert_.device_failed(device);
}

void ToneControl::settle(Time now) {
  if (next_ && alert_.use(*next_)) {
    settings_ = *next_;
    next_.reset();
  }
  const auto& alert = alert_.choose(now);
  order_alert(alert);
  order_ringback();
  const TonesSnapshot now_true{alert.tone, alert.call, !ringback_.empty()};
  if (now_true == shown_) return;
  shown_ = now_true;
  outbox_.tell(TonesChanged{shown_});
}

// Another call on the same devices does not begin the tone anew, unless it sounds once for each.
void ToneControl::order_alert(const Alert& alert) {
  const bool same = alert.places == ordered_alert_.places && alert.once == ordered_alert_.once &&
                    (!alert.once || alert.call == ordered_alert_.call);
  ordered_alert_ = alert;
  if (same) return;
  alert_order_ = ++last_order_;
  outbox_.order(PlayTone{ToneSlot::alert, alert_order_, alert.once, alert.places});
}

void ToneControl::order_ringback() {
  std::vector<TonePlace> places;
  if (!ringback_.empty() && !devices_.headset.empty())
    places.push_back(
        {devices_.headset == devices_.open_speaker ? std::string() : devices_.headset, ToneFile::ringback});
  if (places == ordered_ringback_) return;
  ordered_ringback_ = places;
  outbox_.order(PlayTone{ToneSlot::ringback, ++last_order_, false, std::move(places)});
}

}  // namespace sidetone::endpoint
