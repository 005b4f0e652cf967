#include "labserver/steps.h"

#include <fmt/format.h>

#include "labserver/silence.h"

namespace sidetone::lab {

namespace {
// The other side's own offer ends within its transaction's 32 s. Mostly its ACK says when; an UPDATE has
// none, nor has glare.
constexpr int tries_max = 160;
constexpr Duration try_again = std::chrono::milliseconds(200);
}  // namespace

Step<bool> settled(FlowRun& f, Call& call) {
  const std::size_t parties = call.parties.size();
  const std::function<bool()> is_over = [&call] { return !call.exchange; };
  if (co_await f.until(is_over, answer_max) != Woken::ready || call.parties.size() != parties)
    co_return false;
  f.hold_legs(call);
  for (const auto& party : call.parties) {
    if (!party.leg) continue;
    if (!f.alive(party.leg)) co_return false;
    f.watch(party.leg);
  }
  co_return true;
}

void phone_refused(FlowRun& f, int status) {
  if (status == 481 || status == 487)
    f.fail(tlib::ErrorCode::wrong_state, status, "a party left the call meanwhile");
  else
    f.fail(tlib::ErrorCode::phone_failed, status,
           fmt::format("a phone did not follow {}", name_of(f.request().name)));
}

Step<Reply> offered(FlowRun& f, sip::SessionId session, std::string sdp, bool late_ack) {
  for (int tries = 0; tries < tries_max; ++tries) {
    Leg* leg = f.leg(session);
    if (!leg || leg->ended || leg->ending) co_return Reply{481, {}, false};
    leg->reply.reset();
    leg->told.own();
    leg->offered = leg->told.tell(sdp);
    leg->acks_late = late_ack;
    const auto sent = late_ack ? f.desk().stack.offer_unacknowledged(session, leg->offered, f.now())
                               : f.desk().stack.offer(session, leg->offered, f.now());
    if (sent) {
      const Woken woken = co_await f.reply(session);
      if (woken != Woken::ready) co_return Reply{woken == Woken::timeout ? 408 : 487, {}, false};
      co_return f.take_reply(session);
    }
    const std::function<bool()> is_over = [&f, session, seen = leg->offers_confirmed] {
      const Leg* waiting = f.leg(session);
      return !waiting || waiting->offers_confirmed != seen;
    };
    const Woken woken = co_await f.until(is_over, try_again);
    if (woken != Woken::timeout && woken != Woken::ready) break;
  }
  co_return Reply{491, {}, false};
}

Step<Reply> connected(FlowRun& f, sip::SessionId offerer, std::string offer, sip::SessionId other) {
  if (!f.alive(other)) {
    f.ack(offerer, silent_answer(offer));
    co_return Reply{481, {}, false};
  }
  if (f.options(f.leg(other)->dn).reinvite_requires_hold) {
    const std::string hold = silenced(f.leg(other)->told.last());
    if (!hold.empty() && !describe_the_same(hold, f.leg(other)->told.last())) {
      const Reply quiet = co_await offered(f, other, hold);
      if (!quiet.agreed()) {
        f.ack(offerer, silent_answer(offer));
        co_return quiet;
      }
    }
  }
  Reply answer = co_await offered(f, other, offer, true);
  if (!answer.agreed() || answer.sdp.empty() || !f.alive(offerer)) {
    f.ack(offerer, silent_answer(offer));
    if (answer.agreed()) {
      f.ack(other, {});
      answer.status = 500;
    }
    co_return answer;
  }
  f.ack(offerer, answer.sdp);
  f.join(offerer, other);
  co_return answer;
}

Step<sip::SessionId> played(FlowRun& f, Call& call, sip::SessionId listener, std::string dn) {
  if (!f.desk().board.route(dn) || !f.alive(listener)) co_return sip::SessionId{};
  FlowRun::Invitation wish;
  wish.dn = dn;
  wish.from = f.leg(listener)->dn;
  const auto player = f.invite(call, wish);
  if (!player) co_return sip::SessionId{};
  const Woken woken = co_await f.reply(*player);
  const Reply offer = f.take_reply(*player);
  if (woken == Woken::ready && offer.needs_ack) {
    const Reply answer = co_await connected(f, *player, offer.sdp, listener);
    if (answer.agreed()) {
      f.ack(listener, {});
      co_return *player;
    }
  }
  f.end(*player);
  co_return sip::SessionId{};
}

}  // namespace sidetone::lab
