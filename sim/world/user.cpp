#include "sim/user.h"

#include <fmt/format.h>

namespace sidetone::sim {

namespace {
constexpr std::size_t calls_at_once_max = 3;
}

Duration User::ms(std::uint64_t from, std::uint64_t to) {
  return std::chrono::milliseconds(from + phone_.random().below(to - from));
}

void User::think(Time now) {
  const auto pause = going_home_ ? ms(1000, 3000) : ms(500, 9000);
  queue_.at(now + pause, [this](Time when) {
    act(when);
    think(when);
  });
}

void User::look(Time now) {
  for (const auto call : phone_.take_new_incoming()) {
    // Some answer in the very moment, before the ports are open; most let it ring.
    const auto delay = phone_.random().chance(0.1) ? ms(0, 4) : ms(200, 7000);
    queue_.at(now + delay, [this, call](Time when) { answer_or_not(call, when); });
  }
}

void User::answer_or_not(CallId id, Time now) {
  const auto* call = phone_.shadow().call(id);
  if (!call || call->state != CallState::ringing) return;
  const auto die = phone_.random().below(100);
  if (going_home_ || die >= 90) {
    constexpr int statuses[] = {486, 603, 480, 404};
    phone_.command(Reject{id, statuses[phone_.random().below(4)]}, now);
  } else if (die < 80) {
    phone_.command(Answer{id}, now);
  }  // or lets it ring
}

void User::dial(Time now) {
  auto& random = phone_.random();
  std::string target = numbers_[random.below(numbers_.size())];
  if (random.chance(0.04)) target = "4040";  // nobody has this number
  if (random.chance(0.01)) target = "what is this?";
  Dial dial{target, {}};
  if (phone_.settings().lines > 1 && random.chance(0.5))
    dial.line = LineId{static_cast<std::uint8_t>(random.below(2))};
  phone_.command(dial, now);
  if (!random.chance(0.12)) return;
  // A wrong number, noticed at once: the hang-up meets the INVITE anywhere between here and there.
  queue_.at(now + ms(0, 400), [this](Time when) {
    for (const auto& [id, call] : phone_.shadow().calls())
      if (call.direction == CallDirection::outgoing && call.state != CallState::connected) {
        phone_.command(HangUp{id}, when);
        return;
      }
  });
}

void User::act(Time now) {
  auto& random = phone_.random();
  // A copy of the ids: each command may change the calls.
  std::vector<CallId> ids;
  for (const auto& [id, call] : phone_.shadow().calls()) ids.push_back(id);
  if (going_home_) {
    for (const auto id : ids) phone_.command(HangUp{id}, now);
    return;
  }
  if (ids.empty()) {
    if (random.chance(0.3)) dial(now);
  } else if (ids.size() < calls_at_once_max && random.chance(0.05)) {
    dial(now);
  } else if (const auto* call = phone_.shadow().call(ids[random.below(ids.size())])) {
    handle_call(*call, now);
  }
  if (random.chance(0.02)) phone_.command(HangUp{CallId{random.below(50) + 100000}}, now);
}

void User::handle_call(const CallSnapshot& call, Time now) {
  auto& random = phone_.random();
  const auto id = call.call;
  auto die = random.below(100);
  const bool talks = call.state == CallState::connected || call.state == CallState::connecting;
  if (talks && phone_.settings().patient_user && random.chance(0.95)) die = 25 + random.below(20);
  if (call.state == CallState::ringing && call.direction == CallDirection::incoming) {
    if (die < 40) answer_or_not(id, now);
    if (die > 97) phone_.command(HangUp{id}, now);
  } else if (talks) {
    if (die < 25) {
      if (call.hold_wanted)
        phone_.command(Resume{id}, now);
      else
        phone_.command(Hold{id}, now);
      // A hasty one takes it back while the re-INVITE is on its way.
      if (die < 4)
        queue_.at(now + ms(0, 300), [this, id](Time when) {
          if (const auto* again = phone_.shadow().call(id)) {
            if (again->hold_wanted)
              phone_.command(Resume{id}, when);
            else
              phone_.command(Hold{id}, when);
          }
        });
    } else if (die < 35) {
      phone_.command(Mute{id, !call.muted}, now);
    } else if (die < 45) {
      phone_.command(SendDtmf{id, die < 40 ? "12#" : "9,*0"}, now);
    } else if (die < 62) {
      phone_.command(HangUp{id}, now);
    }
  } else if (die < 25) {
    phone_.command(HangUp{id}, now);
  }
}

}  // namespace sidetone::sim
