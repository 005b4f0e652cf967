#include "sip/session/session_timer.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "sip/message/headers.h"

namespace sidetone::sip {
namespace {

using std::chrono::seconds;

constexpr seconds absolute_min{90};  // §5
// Bound: a proxy raises a wish once; whoever goes on raising gets no more requests.
constexpr int raises_max = 4;
// Bound: a longer interval than a day watches over nothing.
constexpr seconds interval_max{86400};

seconds min_se_of(const Message& message) {
  const auto value = parse_delta(message.value(HeaderId::min_se), "Min-SE");
  return value ? std::min(seconds(*value), interval_max) : seconds(0);
}

std::optional<SessionExpires> session_expires_of(const Message& message) {
  const auto* field = message.find(HeaderId::session_expires);
  if (!field) return std::nullopt;
  auto value = SessionExpires::parse(field->value);
  if (!value) return std::nullopt;
  value->interval = std::min(value->interval, interval_max);
  return *value;
}

// §10: a little before the end, for both sides: firewalls close at the end.
seconds slack(seconds interval) { return std::min(seconds(32), interval / 3); }

}  // namespace

SessionTimer::SessionTimer(StackTimers& timers, const SessionTimerSettings& settings, Action refresh,
                           Action expired)
    : timers_(timers), settings_(settings), refresh_(std::move(refresh)), expired_(std::move(expired)) {}

// §7.1, §7.4. The first request leaves the choice of the refresher to the callee; later ones keep it.
void SessionTimer::add_to(Message& request) const {
  auto least = min_;
  if (settings_.min > absolute_min) least = std::max(least, settings_.min);
  if (least.count() > 0) request.set(HeaderId::min_se, std::to_string(least.count()));
  if (running()) {
    request.set(HeaderId::session_expires,
                fmt::format("{};refresher={}", std::max(interval_, least).count(), ours_ ? "uac" : "uas"));
  } else if (settings_.enabled) {
    const auto wish = std::max({settings_.expires, least, absolute_min});
    request.set(HeaderId::session_expires, std::to_string(wish.count()));
  }
}

// §7.3
bool SessionTimer::raise(const Message& response) {
  const auto wanted = min_se_of(response);
  if (wanted <= min_ || ++raises_ > raises_max) return false;
  min_ = wanted;
  return true;
}

// §7.2. With a callee that does not speak of it there is no timer: refreshing alone would only tell us what
// the media tell sooner.
void SessionTimer::on_2xx(const Message& response, Time now) {
  const auto answer = session_expires_of(response);
  if (!answer) return stop();
  // A callee must not go below 90 s (§9); one that does would have us refresh without a pause.
  start(std::max(answer->interval, absolute_min), !iequals(answer->refresher, "uas"), now);
}

// §9. Without 'timer' in Supported the caller could make nothing of a 422.
std::optional<std::uint32_t> SessionTimer::too_short(const Message& request) const {
  const auto wish = session_expires_of(request);
  const auto least = std::max(settings_.min, absolute_min);
  if (!wish || wish->interval >= least || !request.lists(HeaderId::supported, "timer")) return std::nullopt;
  return static_cast<std::uint32_t>(least.count());
}

// §9 and its table 2
void SessionTimer::add_to_2xx(const Message& request, Message& response, Time now) {
  const auto wish = session_expires_of(request);
  const bool peer_knows = request.lists(HeaderId::supported, "timer");
  const auto theirs = min_se_of(request);
  min_ = std::max(min_, theirs);
  if (!wish && (!peer_knows || !settings_.enabled)) return stop();
  const auto least = std::max(theirs, absolute_min);
  auto interval = wish ? wish->interval : std::max(settings_.expires, least);
  if (wish && settings_.enabled) interval = std::min(interval, std::max(settings_.expires, least));
  // The caller refreshes unless it chose otherwise: it was the one to ask.
  // Whoever says that it will refresh can do so, also where it forgets to list 'timer' in a re-INVITE.
  bool ours = !peer_knows && !(wish && iequals(wish->refresher, "uac"));
  if (peer_knows && wish) ours = iequals(wish->refresher, "uas");
  response.set(HeaderId::session_expires,
               fmt::format("{};refresher={}", interval.count(), ours ? "uas" : "uac"));
  if (peer_knows) response.add(HeaderId::require, "timer");
  start(interval, ours, now);
}

void SessionTimer::start(seconds interval, bool ours, Time now) {
  interval_ = std::max(interval, seconds(3));  // a caller without 'timer' may want anything
  ours_ = ours;
  end_ = now + interval_ - slack(interval_);
  end_timer_ = timers_.start(end_, "session_expires", [this](Time then) { expired_(then); });
  refresh_timer_.stop();
  if (ours_)
    refresh_timer_ =
        timers_.start(now + interval_ / 2, "session_refresh", [this](Time then) { refresh_(then); });
}

// §10: no response but 2xx prolongs the session, and the same request is not repeated without a pause.
void SessionTimer::try_again(Time now) {
  constexpr Duration pause_min = seconds(5);
  if (!running() || !ours_) return;
  const auto next = now + std::max<Duration>(pause_min, (end_ - now) / 2);
  if (next < end_)
    refresh_timer_ = timers_.start(next, "session_refresh", [this](Time then) { refresh_(then); });
}

void SessionTimer::stop() {
  interval_ = seconds(0);
  refresh_timer_.stop();
  end_timer_.stop();
}

}  // namespace sidetone::sip
