// Calls through the lab's server: RFC 3261 §13 to §15 seen from both legs, RFC 3264 descriptions untouched,
// RFC 3326 reasons relayed.
#include "lab_world.h"
#include "sip/message/headers.h"

namespace sidetone::lab {
namespace {

using namespace sip;

class LabCall : public LabScenario {
 protected:
  Station& a = world.registered("7001");
  Station& b = world.registered("7002");

  SessionId ring(std::string offer) {
    const auto session = world.call(a, "7002", std::move(offer), headers);
    world.run(milliseconds(300));
    EXPECT_EQ(b.count<IncomingInvite>(), 1U);
    return session;
  }
  SessionId callee() { return b.last<IncomingInvite>().session; }
  SessionId connect() {
    const auto session = ring(sdp("a"));
    EXPECT_TRUE(b.stack().accept(callee(), sdp("b"), {}, world.now));
    world.run(milliseconds(300));
    EXPECT_EQ(a.count<Accepted>(), 1U);
    EXPECT_EQ(b.count<Confirmed>(), 1U);
    return session;
  }

  std::vector<ExtraHeader> headers;
};

SCENARIO(LabCall, descriptions_pass_untouched) {
  const auto session = ring(sdp("a"));
  EXPECT_EQ(b.last<IncomingInvite>().sdp, sdp("a"));
  ASSERT_TRUE(b.stack().provisional(callee(), {.status = 180}, world.now));
  world.run(milliseconds(100));
  EXPECT_EQ(a.last<ProvisionalReceived>().status, 180);
  ASSERT_TRUE(b.stack().accept(callee(), sdp("b"), {}, world.now));
  world.run(milliseconds(100));
  EXPECT_EQ(a.last<Accepted>().sdp, sdp("b"));
  EXPECT_EQ(world.server().active().size(), 1U);
  EXPECT_TRUE(world.server().active()[0].established);
  ASSERT_TRUE(a.stack().end(session, {{"Reason", "Q.850;cause=16;text=\"clear\""}}, world.now));
  world.run(milliseconds(100));
  EXPECT_EQ(b.last<SessionEnded>().cause, EndCause::bye_received);
  EXPECT_EQ(b.last<SessionEnded>().status, 16) << "the Reason was relayed";
  world.expect_nothing_left();
  ASSERT_EQ(world.server().records().size(), 1U);
  EXPECT_EQ(world.server().records()[0].outcome, CallOutcome::answered);
}

SCENARIO(LabCall, caller_is_shown_and_the_call_has_a_uuid) {
  headers = {
      {"X-Campaign", "spring"}, {"User-to-User", "abc;encoding=hex"}, {"X-Genesys-CallUUID", "forged"}};
  ring(sdp("a"));
  const auto& invite = *b.last<IncomingInvite>().request;
  const auto from = NameAddr::parse(invite.value(HeaderId::from));
  ASSERT_TRUE(from);
  EXPECT_EQ(from->uri.text, "sip:7001@10.0.0.1");
  EXPECT_EQ(from->display, "The \\\"7001\\\"") << "escaped once, not twice";
  const auto to = NameAddr::parse(invite.value(HeaderId::to));
  ASSERT_TRUE(to);
  EXPECT_EQ(to->uri.text, "sip:7002@10.0.0.1") << "whom the caller meant, not where the phone is";
  const auto uuids = invite.values(HeaderId::x_genesys_calluuid);
  ASSERT_EQ(uuids.size(), 1U);
  EXPECT_EQ(uuids[0].size(), 32U);
  EXPECT_EQ(uuids[0], world.server().active()[0].uuid);
  ASSERT_NE(invite.find("X-Campaign"), nullptr);
  EXPECT_EQ(invite.find("X-Campaign")->value, "spring");
  EXPECT_EQ(invite.value(HeaderId::user_to_user), "abc;encoding=hex");
}

SCENARIO(LabCall, early_media) {
  ring(sdp("a"));
  ASSERT_TRUE(b.stack().provisional(callee(), {.status = 183, .sdp = sdp("early")}, world.now));
  world.run(milliseconds(100));
  EXPECT_EQ(a.last<ProvisionalReceived>().status, 183);
  EXPECT_EQ(a.last<ProvisionalReceived>().sdp, sdp("early"));
}

SCENARIO(LabCall, reliable_provisional_is_reliable_on_both_legs) {  // RFC 3262
  ring(sdp("a"));
  ASSERT_TRUE(b.stack().provisional(callee(), {.status = 183, .sdp = sdp("b"), .reliable = true}, world.now));
  world.run(milliseconds(300));
  EXPECT_TRUE(a.last<ProvisionalReceived>().reliable);
  EXPECT_EQ(a.last<ProvisionalReceived>().sdp, sdp("b"));
  ASSERT_TRUE(b.stack().accept(callee(), {}, {}, world.now));
  world.run(milliseconds(300));
  EXPECT_EQ(a.count<Accepted>(), 1U);
  EXPECT_EQ(b.count<Confirmed>(), 1U);
}

SCENARIO(LabCall, delayed_offer) {  // RFC 3261 §13.2.1: offer in the 2xx, answer in the ACK
  const auto session = ring({});
  EXPECT_EQ(b.last<IncomingInvite>().sdp, "");
  ASSERT_TRUE(b.stack().accept(callee(), sdp("b"), {}, world.now));
  world.run(milliseconds(100));
  ASSERT_TRUE(a.last<Accepted>().needs_ack);
  EXPECT_EQ(a.last<Accepted>().sdp, sdp("b"));
  ASSERT_TRUE(a.stack().ack(session, sdp("a"), world.now));
  world.run(milliseconds(100));
  EXPECT_EQ(b.last<Confirmed>().sdp, sdp("a"));
  EXPECT_TRUE(world.server().active()[0].established);
}

SCENARIO(LabCall, cancel) {
  const auto session = ring(sdp("a"));
  ASSERT_TRUE(a.stack().end(session, {{"Reason", "SIP;cause=487"}}, world.now));
  world.run(milliseconds(300));
  EXPECT_EQ(b.last<SessionEnded>().cause, EndCause::cancelled_by_peer);
  EXPECT_EQ(b.last<SessionEnded>().status, 487) << "the Reason was relayed";
  world.expect_nothing_left();
  EXPECT_EQ(world.server().records()[0].outcome, CallOutcome::cancelled);
}

struct RefusalRow {
  int callee, caller;
  const char* why;
};

class LabRefusal : public LabCall, public ::testing::WithParamInterface<RefusalRow> {};

TEST_P(LabRefusal, status_passes) {
  ring(sdp("a"));
  ASSERT_TRUE(b.stack().reject(
      callee(), {.status = GetParam().callee, .headers = {{"Reason", "Q.850;cause=17"}}}, world.now));
  world.run(milliseconds(300));
  EXPECT_EQ(a.last<SessionEnded>().cause, EndCause::refused);
  const auto& final = *a.last<SessionEnded>().message;
  EXPECT_EQ(final.status(), GetParam().caller) << GetParam().why;
  if (GetParam().callee == GetParam().caller) EXPECT_EQ(final.value(HeaderId::reason), "Q.850;cause=17");
  world.expect_nothing_left();
}

INSTANTIATE_TEST_SUITE_P(Statuses, LabRefusal,
                         ::testing::Values(RefusalRow{486, 486, "RFC 3261 §21.4.24 busy"},
                                           RefusalRow{480, 480, "§21.4.18"}, RefusalRow{603, 603, "§21.6.2"},
                                           RefusalRow{488, 488, "§21.4.26"}, RefusalRow{500, 500, "§21.5.1"},
                                           RefusalRow{302, 480, "a redirection is not for the caller"}),
                         [](const auto& row) { return std::to_string(row.param.callee); });

SCENARIO(LabCall, nobody_there) {
  world.call(a, "4040", sdp("a"));
  world.run(milliseconds(300));
  EXPECT_EQ(a.last<SessionEnded>().status, 404);
  world.expect_nothing_left();
}

SCENARIO(LabCall, known_but_not_registered) {
  ServerSettings settings;
  settings.users = {{"7001", {}}, {"7002", {}}};
  LabWorld other(settings);
  auto& caller = other.registered("7001");
  other.call(caller, "7002", sdp("a"));
  other.run(milliseconds(300));
  EXPECT_EQ(caller.last<SessionEnded>().status, 480);
}

SCENARIO(LabCall, unregistering_takes_the_phone_away) {
  b.stack().unregister(b.account(), world.now);
  world.run(seconds(1));
  EXPECT_TRUE(world.server().bindings("7002", world.now).empty());
  world.call(a, "7002", sdp("a"));
  world.run(milliseconds(300));
  EXPECT_EQ(a.last<SessionEnded>().status, 404) << "the DN was admitted, not configured";
}

SCENARIO(LabCall, hold_and_resume_from_both_ends) {
  const auto session = connect();
  struct Row {
    Station* from;
    Station* to;
    SessionId offering, answering;
  };
  const Row rows[] = {{&a, &b, session, callee()}, {&b, &a, callee(), session}};
  int version = 2;
  for (const auto& row : rows)
    for (const char* who : {"hold", "resume"}) {
      ++version;
      ASSERT_TRUE(row.from->stack().offer(row.offering, sdp(who, version), world.now));
      world.run(milliseconds(100));
      ASSERT_EQ(row.to->last<OfferReceived>().sdp, sdp(who, version));
      ASSERT_TRUE(row.to->stack().answer_offer(row.answering, sdp("answer", version), world.now));
      world.run(milliseconds(200));
      EXPECT_EQ(row.from->last<OfferAnswered>().sdp, sdp("answer", version));
      EXPECT_EQ(row.to->last<OfferConfirmed>().session, row.answering);
    }
  EXPECT_EQ(world.server().calls().offers_relayed, 4U);
}

SCENARIO(LabCall, delayed_offer_in_the_call) {
  const auto session = connect();
  ASSERT_TRUE(a.stack().offer(session, {}, world.now));
  world.run(milliseconds(100));
  ASSERT_EQ(b.last<OfferReceived>().sdp, "");
  ASSERT_TRUE(b.stack().answer_offer(callee(), sdp("offer of b"), world.now));
  world.run(milliseconds(100));
  ASSERT_TRUE(a.last<OfferAnswered>().needs_ack);
  EXPECT_EQ(a.last<OfferAnswered>().sdp, sdp("offer of b"));
  ASSERT_TRUE(a.stack().ack(session, sdp("answer of a"), world.now));
  world.run(milliseconds(100));
  EXPECT_EQ(b.last<OfferConfirmed>().sdp, sdp("answer of a"));
}

SCENARIO(LabCall, refused_offer_leaves_the_call) {
  const auto session = connect();
  ASSERT_TRUE(a.stack().offer(session, sdp("a", 2), world.now));
  world.run(milliseconds(100));
  ASSERT_TRUE(b.stack().refuse_offer(callee(), {.status = 488}, world.now));
  world.run(milliseconds(100));
  EXPECT_EQ(a.last<OfferFailed>().status, 488);
  EXPECT_EQ(world.server().active_calls(), 1U);
}

SCENARIO(LabCall, offers_from_both_ends_at_once) {  // RFC 3261 §14.1: 491, and one after the other succeeds
  const auto session = connect();
  const auto retry = [&](Station& station, SessionId own, std::string text) {
    station.on_event = [&station, own, text](const Event& event, Time now) {
      if (std::holds_alternative<OfferRetryDue>(event)) EXPECT_TRUE(station.stack().offer(own, text, now));
      if (std::holds_alternative<OfferReceived>(event))
        EXPECT_TRUE(station.stack().answer_offer(own, sdp("yes"), now));
    };
  };
  retry(a, session, sdp("a", 2));
  retry(b, callee(), sdp("b", 2));
  ASSERT_TRUE(a.stack().offer(session, sdp("a", 2), world.now));
  ASSERT_TRUE(b.stack().offer(callee(), sdp("b", 2), world.now));
  world.run(seconds(30));
  EXPECT_GE(a.count<OfferGlare>() + b.count<OfferGlare>(), 1U);
  EXPECT_EQ(a.count<OfferAnswered>(), 1U);
  EXPECT_EQ(b.count<OfferAnswered>(), 1U);
}

SCENARIO(LabCall, requests_in_the_call_are_relayed_with_their_answers) {
  const auto session = connect();
  b.on_event = [&](const Event& event, Time now) {
    if (const auto* request = std::get_if<IncomingRequest>(&event))
      EXPECT_TRUE(b.stack().respond(request->id,
                                    {.status = 200, .body = "got it", .content_type = "text/plain"}, now));
  };
  ASSERT_TRUE(a.stack().request(session, Method::info, {}, "Signal=5\r\nDuration=160\r\n",
                                "application/dtmf-relay", world.now));
  world.run(milliseconds(200));
  const auto& info = *b.last<IncomingRequest>().request;
  EXPECT_EQ(info.method(), Method::info);
  EXPECT_EQ(info.body(), "Signal=5\r\nDuration=160\r\n");
  EXPECT_EQ(info.value(HeaderId::content_type), "application/dtmf-relay");
  EXPECT_EQ(a.last<RequestFinished>().status, 200);
  EXPECT_EQ(a.last<RequestFinished>().response->body(), "got it");
}

SCENARIO(LabCall, vanished_phone_does_not_keep_the_other_one) {
  world.allow_one_sided_calls();
  connect();
  world.network().set_cut(b.ip(), true, world.now);
  world.run(seconds(180));
  EXPECT_EQ(a.last<SessionEnded>().cause, EndCause::bye_received);
  EXPECT_EQ(world.server().calls().legs_lost, 1U);
  EXPECT_EQ(world.server().active_calls(), 0U);
}

SCENARIO(LabCall, nobody_rings_for_ever) {
  ring(sdp("a"));
  world.run(seconds(200));
  EXPECT_EQ(a.last<SessionEnded>().status, 408);
  EXPECT_EQ(b.last<SessionEnded>().cause, EndCause::cancelled_by_peer);
  world.expect_nothing_left();
}

SCENARIO(LabCall, options_and_unknown_methods) {
  ASSERT_TRUE(a.stack().request({.account = a.account(), .method = Method::options, .target = "sip:10.0.0.1"},
                                world.now));
  world.run(milliseconds(100));
  EXPECT_EQ(a.last<RequestFinished>().status, 200);
  ASSERT_TRUE(a.stack().request({.account = a.account(),
                                 .method = Method::message,
                                 .target = "sip:7002@10.0.0.1",
                                 .body = "hi",
                                 .content_type = "text/plain"},
                                world.now));
  world.run(milliseconds(100));
  EXPECT_EQ(a.last<RequestFinished>().status, 405);
}

}  // namespace
}  // namespace sidetone::lab
