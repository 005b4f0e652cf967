#include "sim/peer.h"

#include <fmt/format.h>

namespace sidetone::sim {

using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

constexpr int drain_rounds_max = 10000;  // bound: one input never makes a peer speak for ever
constexpr std::size_t sessions_at_once_max = 3;

sip::StackSettings settings_of() {
  sip::StackSettings settings;
  settings.guard.accept_from = sip::AcceptFrom::anyone;  // they call each other without a server
  settings.session_timer.expires = seconds(90);
  settings.ring_max = seconds(60);
  settings.progress_max = seconds(80);
  settings.event_packages = {"dialog", "presence"};
  return settings;
}

std::string uri_of(IpAddress ip) { return "sip:peer@" + ip.to_string(); }

}  // namespace

Peer::Peer(std::string name, IpAddress ip, Network& network, EventQueue& queue, std::uint64_t seed,
           Mutation mutation, Trace& trace, Verdict& verdict)
    : Node(std::move(name), ip, network),
      queue_(queue),
      mutation_(mutation),
      verdict_(verdict),
      random_(seed),
      stack_(settings_of(), random_, trace) {
  static_cast<void>(bind_udp(5060));
  static_cast<void>(listen_tcp(5060));
}

void Peer::start(std::vector<std::string> others, Time now) {
  others_ = std::move(others);
  sip::Account account;
  account.uri = uri_of(ip());
  account_ = stack_.add_account(account, now);
  live(now);
}

void Peer::go_home(Time now) {
  going_home_ = true;
  for (const auto id : std::set(subscriptions_))
    if (mutation_ != Mutation::subscription_kept) static_cast<void>(stack_.unsubscribe(id, now));
  drain(now);
}

void Peer::later(Duration longest, std::function<void(Time)> what, Time now) {
  const auto delay = Duration(random_.below(static_cast<std::uint64_t>(longest.count()) + 1));
  queue_.at(now + delay, [this, what = std::move(what)](Time then) {
    what(then);
    drain(then);
  });
}

std::string Peer::sdp() {
  return fmt::format("v=0\r\no=- 1 {} IN IP4 {}\r\ns=-\r\nc=IN IP4 {}\r\nt=0 0\r\nm=audio 9000 RTP/AVP 0\r\n",
                     ++versions_, ip().to_string(), ip().to_string());
}

// --- what it does by itself

void Peer::live(Time now) {
  later(
      going_home_ ? seconds(2) : seconds(6),
      [this](Time then) {
        if (going_home_) {
          for (const auto& [id, session] : std::map(sessions_)) static_cast<void>(stack_.end(id, {}, then));
        } else if (sessions_.empty() || (sessions_.size() < sessions_at_once_max && random_.chance(0.1))) {
          if (random_.chance(0.5)) invite(then);
        } else {
          auto chosen = sessions_.begin();
          std::advance(chosen, static_cast<std::ptrdiff_t>(random_.below(sessions_.size())));
          act(chosen->first, static_cast<Deed>(random_.below(static_cast<std::uint64_t>(Deed::count_))),
              then);
        }
        live(then);
      },
      now);
}

void Peer::invite(Time now, const std::optional<sip::ReplacedDialog>& replaced) {
  sip::Invite wish;
  wish.account = account_;
  wish.target = others_[random_.below(others_.size())];
  if (random_.chance(0.75)) wish.sdp = sdp();
  wish.reliable_provisionals = random_.chance(0.7);
  wish.prack_by_user = random_.chance(0.3);
  wish.replaces = replaced;
  if (const auto session = stack_.invite(std::move(wish), now)) sessions_[*session] = {};
}

void Peer::act(sip::SessionId id, Deed deed, Time now) {
  const auto found = sessions_.find(id);
  if (found == sessions_.end()) return;
  if (!found->second.confirmed) {
    // Before it is established there is one thing to do: to give up, anywhere between INVITE and ACK.
    if (deed == Deed::end && random_.chance(0.4)) static_cast<void>(stack_.end(id, {}, now));
    return drain(now);
  }
  count(fmt::format("deed:{}", static_cast<int>(deed)));
  switch (deed) {
    case Deed::end: static_cast<void>(stack_.end(id, {}, now)); break;
    case Deed::offer: static_cast<void>(stack_.offer(id, sdp(), now)); break;
    case Deed::empty_offer: static_cast<void>(stack_.offer(id, {}, now)); break;
    case Deed::info:
      static_cast<void>(stack_.request(id, sip::Method::info, {}, "x", "text/plain", now));
      break;
    case Deed::refer: {
      sip::Refer refer;
      refer.session = id;
      refer.refer_to = others_[random_.below(others_.size())];
      refer.notifications = random_.chance(0.8);
      if (const auto made = stack_.refer(std::move(refer), now)) refers_.insert(*made);
      break;
    }
    case Deed::subscribe: {
      sip::Subscribe wish;
      wish.account = account_;
      if (random_.chance(0.5)) wish.session = id;
      wish.target = others_[random_.below(others_.size())];
      wish.event = random_.chance(0.5) ? "dialog" : "presence";
      wish.expires = seconds(60 + random_.below(60));
      if (const auto made = stack_.subscribe(std::move(wish), now)) subscriptions_.insert(*made);
      break;
    }
    case Deed::replace:  // another call stands in for this one, at whoever has it (RFC 3891)
      if (const auto dialog = stack_.dialog(id))
        invite(now, sip::ReplacedDialog{dialog->call_id, dialog->remote_tag, dialog->local_tag, false});
      break;
    case Deed::count_: break;
  }
  drain(now);
}

// 180 and 183, plain or reliable, and then the answer or a refusal.
void Peer::ring(sip::SessionId id, int step, Time now) {
  const auto found = sessions_.find(id);
  if (found == sessions_.end() || found->second.answered) return;
  if (step < 2 && random_.chance(0.7)) {
    sip::Provisional ringing;
    ringing.status = random_.chance(0.5) ? 180 : 183;
    if (random_.chance(0.4)) ringing.sdp = sdp();
    ringing.reliable = random_.chance(0.6);
    static_cast<void>(stack_.provisional(id, std::move(ringing), now));
  } else if (random_.chance(0.75)) {
    if (stack_.accept(id, sdp(), {}, now)) found->second.answered = true;
  } else if (random_.chance(0.3)) {
    static_cast<void>(
        stack_.reject(id,
                      {.status = 302,
                       .headers = {{"Contact", fmt::format("<{}>", others_[random_.below(others_.size())])}}},
                      now));
  } else {
    static_cast<void>(stack_.reject(id, {.status = random_.chance(0.5) ? 486 : 603}, now));
  }
  later(seconds(3), [this, id, step](Time then) { ring(id, step + 1, then); }, now);
}

// --- what it is told

Peer::Session* Peer::known(sip::SessionId id, std::string_view event, Time now) {
  count(event);
  const auto found = sessions_.find(id);
  if (found != sessions_.end()) return &found->second;
  verdict_.broken(now, over_.count(id) != 0 ? "event_after_end" : "event_of_nobody",
                  fmt::format("{}: {} for session {}", name(), event, id.value));
  return nullptr;
}

void Peer::on(const sip::IncomingInvite& event, Time now) {
  count(event.replaces ? "invite with Replaces" : "invite");
  if (sessions_.count(event.session) != 0 || over_.count(event.session) != 0)
    verdict_.broken(now, "id_reused", fmt::format("{}: session {}", name(), event.session.value));
  sessions_[event.session].incoming = true;
  later(seconds(2), [this, id = event.session](Time then) { ring(id, 0, then); }, now);
}

void Peer::on(const sip::ProvisionalReceived& event, Time now) {
  const auto* session = known(event.session, event.reliable ? "reliable provisional" : "provisional", now);
  if (!session) return;
  if (session->incoming || session->confirmed)
    verdict_.broken(now, "event_out_of_place",
                    fmt::format("{}: {} in a confirmed session", name(), event.status));
  if (!event.needs_prack) return;
  later(
      milliseconds(400),
      [this, event](Time then) {
        static_cast<void>(stack_.prack(event.session, event.branch,
                                       !event.sdp.empty() || random_.chance(0.3) ? sdp() : std::string{},
                                       then));
      },
      now);
}

void Peer::on(const sip::Accepted& event, Time now) {
  auto* session = known(event.session, event.needs_ack ? "accepted with an offer" : "accepted", now);
  if (!session) return;
  if (session->incoming || session->answered)
    verdict_.broken(now, "event_out_of_place", fmt::format("{}: a second 200 for one INVITE", name()));
  session->answered = true;
  session->confirmed = !event.needs_ack;
  if (!event.needs_ack) return;
  later(
      milliseconds(300),
      [this, id = event.session](Time then) {
        if (!stack_.ack(id, sdp(), then)) return;
        if (const auto found = sessions_.find(id); found != sessions_.end()) found->second.confirmed = true;
      },
      now);
}

void Peer::on(const sip::Confirmed& event, Time now) {
  auto* session = known(event.session, "confirmed", now);
  if (!session) return;
  if (!session->incoming || !session->answered || session->confirmed)
    verdict_.broken(now, "event_out_of_place", fmt::format("{}: an ACK that nobody waits for", name()));
  session->confirmed = true;
}

void Peer::on(const sip::OfferReceived& event, Time now) {
  auto* session = known(event.session, event.sdp.empty() ? "asked for an offer" : "offer", now);
  if (!session) return;
  if (session->offer_open)
    verdict_.broken(now, "event_out_of_place",
                    fmt::format("{}: an offer before the answer to the last", name()));
  session->offer_open = true;
  later(
      milliseconds(500),
      [this, id = event.session, branch = event.branch](Time then) {
        const auto found = sessions_.find(id);
        if (found == sessions_.end()) return;
        found->second.offer_open = false;
        if (random_.chance(0.85))
          static_cast<void>(stack_.answer_offer(id, sdp(), then, branch));
        else
          static_cast<void>(
              stack_.refuse_offer(id, {.status = random_.chance(0.5) ? 488 : 603}, then, branch));
      },
      now);
}

void Peer::on(const sip::OfferConfirmed& event, Time now) { known(event.session, "offer confirmed", now); }

void Peer::on(const sip::OfferAnswered& event, Time now) {
  if (known(event.session, event.needs_ack ? "offered in a 200" : "answered", now) == nullptr ||
      !event.needs_ack)
    return;
  later(
      milliseconds(200),
      [this, id = event.session](Time then) { static_cast<void>(stack_.ack(id, sdp(), then)); }, now);
}

void Peer::on(const sip::OfferRetryDue& event, Time now) {
  if (known(event.session, "retry due", now))
    static_cast<void>(stack_.offer(event.session, sdp(), now, event.branch));
}

void Peer::on(const sip::RefreshDue& event, Time now) {
  if (known(event.session, "refresh due", now)) static_cast<void>(stack_.repeat_offer(event.session, now));
}

void Peer::on(const sip::SessionEnded& event, Time now) {
  known(event.session, fmt::format("ended:{}", static_cast<int>(event.cause)), now);
  sessions_.erase(event.session);
  over_.insert(event.session);
}

void Peer::on(const sip::IncomingRequest& event, Time now) {
  count("request");
  later(
      milliseconds(300),
      [this, id = event.id](Time then) { static_cast<void>(stack_.respond(id, {.status = 200}, then)); },
      now);
}

void Peer::on(const sip::IncomingRefer& event, Time now) {
  count("refer");
  const auto id = stack_.accept_refer(event.id, now);
  if (!id || !*id) return;
  later(
      milliseconds(300),
      [this, id = *id](Time then) { static_cast<void>(stack_.notify_refer(id, 100, {}, then)); }, now);
  later(
      seconds(10),
      [this, id = *id](Time then) {
        static_cast<void>(stack_.notify_refer(id, random_.chance(0.6) ? 200 : 486, {}, then));
      },
      now);
}

void Peer::on(const sip::IncomingSubscribe& event, Time now) {
  count("subscribe");
  const auto id = stack_.accept_subscription(event.id, seconds(120), false, now);
  if (!id || !*id) return;
  static_cast<void>(stack_.notify(*id, {.body = "x", .content_type = "text/plain"}, now));
  // It ends at any time, also while the subscriber refreshes or ends it.
  later(
      seconds(100),
      [this, id = *id](Time then) {
        static_cast<void>(stack_.notify(id, {.state = sip::Substate::terminated, .reason = "timeout"}, then));
      },
      now);
}

void Peer::on(const sip::NotifyDue& event, Time now) {
  count("notify due");
  static_cast<void>(stack_.notify(event.id, {.body = "y", .content_type = "text/plain"}, now));
}

void Peer::on(const sip::ReferProgress& event, Time now) {
  count(event.finished ? "refer finished" : "refer progress");
  if (refers_.count(event.id) == 0)
    verdict_.broken(now, "event_after_end", fmt::format("{}: a finished REFER speaks", name()));
  if (event.finished) refers_.erase(event.id);
}

void Peer::on(const sip::SubscriptionChanged& event, Time) {
  if (event.state == sip::Substate::terminated && !event.retry_in) subscriptions_.erase(event.id);
}

// --- the machine

void Peer::on_time(Time now) {
  stack_.on_time(now);
  drain(now);
}

// Planted bugs.
bool Peer::is_repeated(const sip::Event& event) const {
  return (mutation_ == Mutation::two_answers && std::holds_alternative<sip::Accepted>(event)) ||
         (mutation_ == Mutation::event_after_end && std::holds_alternative<sip::SessionEnded>(event));
}

void Peer::drain(Time now) {
  touch();
  for (int round = 0; round < drain_rounds_max; ++round) {
    if (auto event = stack_.poll_event()) {
      std::visit([&](const auto& what) { on(what, now); }, *event);
      if (is_repeated(*event)) std::visit([&](const auto& what) { on(what, now); }, *event);
    } else if (auto io = stack_.poll_io()) {
      carry_out(*io, now);
    } else {
      return;
    }
  }
  verdict_.broken(now, "endless_drain", name());
}

std::vector<std::string> Peer::established() const {
  std::vector<std::string> ids;
  for (const auto& [id, session] : sessions_)
    if (session.confirmed)
      if (const auto dialog = stack_.dialog(id)) ids.push_back(dialog->call_id);
  return ids;
}

sip::SessionId Peer::session_of(const std::string& call_id) const {
  for (const auto& [id, session] : sessions_)
    if (session.confirmed)
      if (const auto dialog = stack_.dialog(id); dialog && dialog->call_id == call_id) return id;
  return {};
}

}  // namespace sidetone::sim
