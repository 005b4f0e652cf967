// The media side of a phone without any sound: ports that open after a while, plans that are carried out,
// packets of which only the first per plan travels. It checks what only media can see: that nothing leaves
// before the user's consent, on hold or unmuted against the order.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "base/random.h"
#include "endpoint/media_order.h"
#include "endpoint/media_session.h"
#include "sim/event_queue.h"

namespace sidetone::sim {

class MediaDesk {
 public:
  struct CallMedia {
    bool ready = false, closing = false;
    std::uint16_t rtp_port = 0;
    IpAddress ip;
    codec::MediaPlan plan;
    bool planned = false;
    bool muted = false;
    Time changed;           // when the plan was last changed
    unsigned silenced = 0;  // how often a plan has ended what was being sent
  };

  // What the media side tells the core; the phone passes it on and drains.
  struct Reports {
    std::function<void(CallId, endpoint::MediaTransport, Time)> ready;
    std::function<void(CallId, Time)> failed;
    std::function<void(CallId, std::size_t, Time)> digits_sent;
    std::function<void(CallId, Time)> closed;
    std::function<void(CallId, const CallMedia&, Time)> first_packet;  // sound begins to leave
  };

  MediaDesk(EventQueue& queue, Random& random, Reports reports)
      : queue_(queue), random_(random), reports_(std::move(reports)) {}

  void carry_out(const endpoint::MediaOrder& order, Time now);

  [[nodiscard]] const std::map<CallId, CallMedia>& calls() const { return calls_; }
  [[nodiscard]] const CallMedia* call(CallId id) const;
  [[nodiscard]] std::optional<CallId> owner_of_port(std::uint16_t rtp_port) const;

 private:
  void on(const endpoint::OpenMedia& order, Time now);
  void on(const endpoint::MoveMedia& order, Time now);
  void on(const endpoint::ApplyPlan& order, Time now);
  void on(const endpoint::SetMuted& order, Time now);
  void on(const endpoint::SendDigits& order, Time now);
  void on(const endpoint::SoundDigit&, Time) {}
  void on(const endpoint::Beep&, Time) {}
  void on(const endpoint::CloseMedia& order, Time now);
  void on(const endpoint::PlayTone&, Time) {}
  void on(const endpoint::UseRingerVolume&, Time) {}
  void on(const endpoint::UseDevices&, Time) {}
  void on(const endpoint::ProcessVoice&, Time) {}
  void on(const endpoint::Confer&, Time) {}
  void on(const endpoint::Record&, Time) {}
  void on(const endpoint::PlayFile&, Time) {}

  EventQueue& queue_;
  Random& random_;
  Reports reports_;
  std::map<CallId, CallMedia> calls_;
  std::map<std::uint16_t, CallId> ports_;
  std::uint16_t next_port_ = 9000;
};

}  // namespace sidetone::sim
