// Where the lab's server sends a call: the newest contact, all contacts, a fixed route; and who may call.
#include "lab_world.h"

namespace sidetone::lab {
namespace {

using namespace sip;

class LabContacts : public LabScenario {};

SCENARIO(LabContacts, newest_contact_of_a_dn_rings) {
  auto& a = world.registered("7001");
  auto& old_phone = world.registered("7002");
  auto& new_phone = world.registered("7002");
  world.call(a, "7002", sdp("a"));
  world.run(milliseconds(300));
  EXPECT_EQ(old_phone.count<IncomingInvite>(), 0U);
  EXPECT_EQ(new_phone.count<IncomingInvite>(), 1U);
}

class LabFork : public LabScenario {
 protected:
  LabFork() : LabScenario(forking()) {}
  static ServerSettings forking() {
    ServerSettings settings;
    settings.fork = true;
    return settings;
  }
  Station& a = world.registered("7001");
  Station& b = world.registered("7002");
  Station& c = world.registered("7002");

  void ring() {
    world.call(a, "7002", sdp("a"));
    world.run(milliseconds(300));
    ASSERT_EQ(b.count<IncomingInvite>(), 1U);
    ASSERT_EQ(c.count<IncomingInvite>(), 1U);
  }
  void reject(Station& station, int status) {
    EXPECT_TRUE(
        station.stack().reject(station.last<IncomingInvite>().session, {.status = status}, world.now));
    world.run(milliseconds(300));
  }
};

SCENARIO(LabFork, first_answer_wins_and_the_others_are_told) {
  ring();
  ASSERT_TRUE(c.stack().accept(c.last<IncomingInvite>().session, sdp("c"), {}, world.now));
  world.run(milliseconds(300));
  EXPECT_EQ(a.last<Accepted>().sdp, sdp("c"));
  EXPECT_EQ(b.last<SessionEnded>().cause, EndCause::cancelled_by_peer);
  EXPECT_EQ(b.last<SessionEnded>().status, 200) << "completed elsewhere (RFC 3326 §3.1)";
}

SCENARIO(LabFork, two_answers_at_once) {
  ring();
  ASSERT_TRUE(b.stack().accept(b.last<IncomingInvite>().session, sdp("b"), {}, world.now));
  ASSERT_TRUE(c.stack().accept(c.last<IncomingInvite>().session, sdp("c"), {}, world.now));
  world.run(seconds(2));
  EXPECT_EQ(a.count<Accepted>(), 1U);
  EXPECT_EQ(b.count<SessionEnded>() + c.count<SessionEnded>(), 1U) << "the loser got ACK and BYE";
  EXPECT_EQ(world.server().active_calls(), 1U);
}

SCENARIO(LabFork, early_descriptions_of_several_phones_stay_apart) {  // RFC 3261 §13.2.1: one answer a dialog
  ring();
  ASSERT_TRUE(
      b.stack().provisional(b.last<IncomingInvite>().session, {.status = 183, .sdp = sdp("b")}, world.now));
  world.run(milliseconds(300));
  EXPECT_EQ(a.last<ProvisionalReceived>().status, 183);
  EXPECT_EQ(a.last<ProvisionalReceived>().sdp, "");
}

SCENARIO(LabFork, all_refuse_and_the_best_answer_is_told) {  // §16.7 step 6
  ring();
  reject(b, 500);
  EXPECT_EQ(a.count<SessionEnded>(), 0U) << "another one still rings";
  reject(c, 486);
  EXPECT_EQ(a.last<SessionEnded>().status, 486);
}

SCENARIO(LabFork, decline_ends_the_others) {  // §16.7 step 5
  ring();
  reject(b, 603);
  world.run(seconds(1));
  EXPECT_EQ(c.last<SessionEnded>().cause, EndCause::cancelled_by_peer);
  EXPECT_EQ(a.last<SessionEnded>().status, 603);
  world.expect_nothing_left();
}

SCENARIO(LabFork, cancel_reaches_all) {
  const auto session = world.call(a, "7002", sdp("a"));
  world.run(milliseconds(300));
  ASSERT_TRUE(a.stack().end(session, {}, world.now));
  world.run(seconds(1));
  EXPECT_EQ(b.last<SessionEnded>().cause, EndCause::cancelled_by_peer);
  EXPECT_EQ(c.last<SessionEnded>().cause, EndCause::cancelled_by_peer);
  world.expect_nothing_left();
}

class LabRouting : public LabScenario {
 protected:
  LabRouting() : LabScenario(with_routes()) {}
  static ServerSettings with_routes() {
    ServerSettings settings;
    settings.routes = {{"8", Transport::udp, "10.0.0.11", 5060}, {"80", Transport::udp, "10.0.0.12", 5060}};
    return settings;
  }
};

SCENARIO(LabRouting, longest_prefix_leads_to_a_fixed_address) {
  auto& a = world.registered("7001");  // 10.0.0.10
  auto& music = world.add("music");    // 10.0.0.11
  auto& speech = world.add("speech");  // 10.0.0.12
  const auto refuse = [](Station& station) {
    station.on_event = [&station](const Event& event, Time now) {
      if (const auto* invite = std::get_if<IncomingInvite>(&event))
        EXPECT_TRUE(station.stack().reject(invite->session, {.status = 486}, now));
    };
  };
  for (auto* station : {&music, &speech}) {
    Account account;  // a media endpoint knows its name but registers nowhere
    account.uri = "sip:" + station->name() + "@10.0.0.1";
    station->stack().add_account(account, world.now);
    refuse(*station);
  }
  world.call(a, "8123", sdp("a"));
  world.run(seconds(1));
  EXPECT_EQ(music.count<IncomingInvite>(), 1U);
  world.call(a, "8012", sdp("a"));
  world.run(seconds(1));
  EXPECT_EQ(speech.count<IncomingInvite>(), 1U);
  EXPECT_EQ(music.count<IncomingInvite>(), 1U);
  EXPECT_EQ(speech.last<IncomingInvite>().request->request_uri(), "sip:8012@10.0.0.12:5060");
}

class LabAuthentication : public LabScenario {
 protected:
  LabAuthentication() : LabScenario(guarded()) {}
  static ServerSettings guarded() {
    ServerSettings settings;
    settings.users = {{"7001", Secret<std::string>("one")}, {"7002", {}}};
    settings.challenge_invites = true;
    return settings;
  }
};

SCENARIO(LabAuthentication, register_and_invite_with_the_right_password) {
  auto& a = world.add("7001");
  auto& b = world.add("7002");
  a.register_at(world.address(), world.now, "one");
  b.register_at(world.address(), world.now);
  world.run(seconds(1));
  EXPECT_EQ(a.last<RegistrationChanged>().state, RegistrationState::registered);
  world.call(a, "7002", sdp("a"));
  world.run(milliseconds(300));
  EXPECT_EQ(b.count<IncomingInvite>(), 1U);
  EXPECT_EQ(world.server().calls().calls, 1U) << "the challenged INVITE is no call";
}

SCENARIO(LabAuthentication, wrong_password) {
  auto& a = world.add("7001");
  a.register_at(world.address(), world.now, "two");
  world.run(seconds(1));
  EXPECT_EQ(a.last<RegistrationChanged>().state, RegistrationState::failed);
  world.call(a, "7002", sdp("a"));
  world.run(milliseconds(300));
  EXPECT_EQ(a.last<SessionEnded>().status, 407);
  EXPECT_EQ(world.server().calls().calls, 0U);
}

}  // namespace
}  // namespace sidetone::lab
