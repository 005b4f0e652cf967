// CompleteConference through a mixer ("3-Way Conf Central Mixing"). The mixer is asked first, once per party:
// nothing is touched before it has agreed for all of them. Then the consult call ends, the main call is
// retrieved, and each party is moved to its place at the mixer.
//
// The document contradicts itself here: its text has the mixer first, its ladder has the BYE and the
// retrieving first. Ours does what the text says about the mixer, and all the rest in the ladder's order.
#include <fmt/format.h>

#include "labserver/flows/flows.h"
#include "labserver/flows/holding.h"
#include "labserver/flows/merging.h"
#include "labserver/silence.h"

namespace sidetone::lab {

namespace {

struct Seat {
  std::string dn;
  sip::SessionId phone, mixer;
  std::string offer;  // the mixer's description for this party
};

// The mixer's legs, with its descriptions; a status when it refused one, and none is left then.
Step<int> reserve(FlowRun& f, Call& main, std::vector<Seat>& seats) {
  const bool delayed = !f.settings().conference_without_delayed_offer;
  // The same number for all of them is what makes them one conference.
  const std::string room = fmt::format("{}{}", f.settings().treatments.conference_prefix, main.key.value);
  int failed = f.desk().board.route(room) ? 0 : 404;
  for (auto& seat : seats) {
    if (failed != 0) break;
    FlowRun::Invitation wish;
    wish.dn = room;
    wish.from = seat.dn;
    if (!delayed) wish.sdp = awakened(f.leg(seat.phone)->heard);
    const auto mixer = f.invite(main, wish);
    if (mixer)
      seat.mixer = *mixer;
    else
      failed = 480;
  }
  for (auto& seat : seats) {
    if (failed != 0) break;
    const Woken woken = co_await f.reply(seat.mixer);
    const Reply reply = f.take_reply(seat.mixer);
    seat.offer = reply.sdp;
    if (woken != Woken::ready)
      failed = woken == Woken::timeout ? 408 : 487;
    else if (!reply.agreed() || reply.sdp.empty())
      failed = reply.agreed() ? 488 : reply.status;
  }
  if (failed != 0)
    for (const auto& seat : seats) f.end(seat.mixer);
  co_return failed;
}

// One party is moved to the mixer. Without delayed offers the mixer knows the phone from before, and hears
// again only what has changed.
Step<int> seat_party(FlowRun& f, const Seat& seat) {
  if (!f.settings().conference_without_delayed_offer) {
    const Reply answer = co_await connected(f, seat.mixer, seat.offer, seat.phone);
    if (answer.agreed()) f.ack(seat.phone, {});
    co_return answer.agreed() ? 0 : answer.status;
  }
  const std::string known = awakened(f.leg(seat.phone)->heard);
  const Reply answer = co_await offered(f, seat.phone, seat.offer);
  if (!answer.agreed()) co_return answer.status;
  f.join(seat.mixer, seat.phone);
  if (!describe_the_same(known, awakened(answer.sdp))) {
    const Reply heard = co_await offered(f, seat.mixer, answer.sdp);
    if (!heard.agreed()) co_return heard.status;
  }
  co_return 0;
}

}  // namespace

Flow conference(FlowRun& f) {
  Call& main = f.call();
  Call& consulted = f.other_call();
  const bool ready = co_await settled(f, main) && co_await settled(f, consulted);
  const Party* held = ready ? main.other_party(f.dn()) : nullptr;
  const Party* added = ready ? consulted.other_party(f.dn()) : nullptr;
  if (!held || !added || !added->answered()) {
    phone_refused(f, 481);
    co_return;
  }
  const std::string held_dn = held->dn, added_dn = added->dn;
  const bool borrowed = !main.party(f.dn())->leg;
  const sip::SessionId own = borrowed ? consulted.party(f.dn())->leg : main.party(f.dn())->leg;
  std::vector<Seat> seats{
      {held_dn, held->leg, {}, {}}, {f.dn(), own, {}, {}}, {added_dn, added->leg, {}, {}}};
  if (!f.alive(own) || !f.alive(seats[0].phone) || !f.alive(seats[2].phone)) {
    phone_refused(f, 481);
    co_return;
  }
  const int refused = co_await reserve(f, main, seats);
  if (refused != 0) {
    f.fail(tlib::ErrorCode::mixer_failed, refused, "the media server has no room for the conference");
    co_return;
  }

  // The agent stays with one dialog. The added party waits.
  return_leg(f, consulted, main);
  if (Party* own_consult = consulted.party(f.dn())) f.unwatch(own_consult->leg);
  f.drop(consulted, f.dn());
  if (const Leg* joins = f.leg(seats[2].phone)) f.desk().board.name_call(*joins, main);
  int status = co_await take_back(f, main, f.dn());
  for (const auto& seat : seats)
    if (status == 0) status = co_await seat_party(f, seat);
  if (status != 0) {
    // The main call is what must not be lost.
    for (const auto& seat : seats) f.end(seat.mixer);
    f.drop(consulted, added_dn);
    if (f.alive(own) && f.alive(seats[0].phone)) {
      if (Party* holder = main.party(f.dn())) holder->state = PartyState::held;
      static_cast<void>(co_await take_back(f, main, f.dn()));
    }
    phone_refused(f, status);
    co_return;
  }
  move_party(f, consulted, added_dn, main);
  f.events().party_changed(main, added_dn, std::string(), f.now(), consulted.conn_id);
  f.events().party_added(main, held_dn, added_dn, f.now());
  f.events().party_added(main, f.dn(), added_dn, f.now());
  f.events().merged(consulted, f.now());
  resume_phone(f, own);
  f.succeed();
}

}  // namespace sidetone::lab
