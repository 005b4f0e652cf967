// The n-th datagram is lost, or comes twice, or comes late, for all n: both sides must end, exactly once, and
// nothing may stay behind.
#include <array>

#include "calls.h"

namespace sidetone::test {
namespace {

using namespace sip;

enum class Plan { call, callee_hangs_up, reinvite, delayed_offer, cancel, early_media, glare };
enum class Harm { lost, twice, late, lost_for_good };

struct Row {
  const char* name;
  Plan plan;
};

// Both users do their part of the plan as soon as the events allow it, and hang up at the end of it.
class Pair {
 public:
  Pair(Plan plan, Harm harm, std::size_t n) : plan_(plan) {
    wire.rule = [harm, n](const Crossing& crossing) -> Treatment {
      switch (harm) {
        case Harm::lost: return {crossing.number == n ? 0U : 1U};
        case Harm::twice: return {crossing.number == n ? 2U : 1U};
        case Harm::late: return {1, milliseconds(crossing.number == n ? 700 : 1)};
        case Harm::lost_for_good: return {crossing.number >= n ? 0U : 1U};
      }
      return {};
    };
    a.on_event = [this](const Event& event) { std::visit([this](const auto& e) { caller(e); }, event); };
    b.on_event = [this](const Event& event) { std::visit([this](const auto& e) { callee(e); }, event); };
  }
  void play() {
    session_ = a.call(b, plan_ == Plan::delayed_offer ? "" : sdp_a);
    // A user who waits in vain hangs up, too: what matters is that it always helps.
    wire.after(seconds(100), [this] { hang_up(a, session_); });
    wire.after(seconds(100), [this] {
      if (const auto* invite = b.find_last<IncomingInvite>()) hang_up(b, invite->session);
    });
    wire.run_dry();
  }

  Wire wire;
  Node& a = wire.add("a", "10.0.0.1:5060");
  Node& b = wire.add("b", "10.0.0.2:5060");

 private:
  static void hang_up(Node& node, SessionId session) {
    static_cast<void>(node.stack.end(session, {}, node.now()));
  }

  template <typename T>
  void caller(const T&) {}
  void caller(const ProvisionalReceived& event) {
    if (plan_ == Plan::cancel && event.status == 180) hang_up(a, event.session);
  }
  void caller(const Accepted& event) {
    if (event.needs_ack) EXPECT_TRUE(a.stack.ack(event.session, sdp_a, a.now()));
    if (plan_ == Plan::reinvite || plan_ == Plan::glare)
      EXPECT_TRUE(a.stack.offer(event.session, sdp_c, a.now()));
    else if (plan_ != Plan::callee_hangs_up)
      hang_up(a, event.session);
  }
  void caller(const OfferReceived& event) {
    static_cast<void>(a.stack.answer_offer(event.session, sdp_a, a.now()));
  }
  void caller(const OfferAnswered& event) { hang_up(a, event.session); }
  void caller(const OfferFailed& event) { hang_up(a, event.session); }
  void caller(const OfferRetryDue& event) { static_cast<void>(a.stack.offer(event.session, sdp_c, a.now())); }

  template <typename T>
  void callee(const T&) {}
  void callee(const IncomingInvite& event) {
    const bool early = plan_ == Plan::early_media;
    EXPECT_TRUE(b.stack.provisional(event.session, {180, "", early ? sdp_b : "", early, {}}, b.now()));
    if (plan_ != Plan::cancel) EXPECT_TRUE(b.stack.accept(event.session, sdp_b, {}, b.now()));
  }
  void callee(const Confirmed& event) {
    if (plan_ == Plan::callee_hangs_up) hang_up(b, event.session);
    if (plan_ == Plan::glare) static_cast<void>(b.stack.offer(event.session, sdp_c, b.now()));
  }
  void callee(const OfferReceived& event) {
    static_cast<void>(b.stack.answer_offer(event.session, sdp_b, b.now()));
  }

  Plan plan_;
  SessionId session_;
};

class SipLoss : public ::testing::TestWithParam<std::tuple<Row, Harm>> {};

TEST_P(SipLoss, of_the_nth_datagram) {
  const auto& [row, harm] = GetParam();
  std::size_t datagrams = 1;
  for (std::size_t n = 0; n < datagrams; ++n) {
    SCOPED_TRACE(fmt::format("datagram {}", n));
    Pair pair(row.plan, harm, n);
    pair.play();
    pair.wire.expect_nothing_left();
    EXPECT_EQ(pair.a.count<SessionEnded>(), 1U);
    EXPECT_EQ(pair.b.count<SessionEnded>(), pair.b.count<IncomingInvite>());
    if (pair.a.count<SessionEnded>() == 1)
      EXPECT_TRUE(std::holds_alternative<SessionEnded>(pair.a.events.back()));
    if (harm != Harm::lost_for_good) {
      // One datagram less is nothing that a user may notice.
      EXPECT_EQ(pair.a.count<Accepted>(), row.plan == Plan::cancel ? 0U : 1U);
      // A lost 180 is not repeated: that caller hangs up later.
      if (row.plan != Plan::cancel) EXPECT_LT(pair.wire.crossings.back().at.time_since_epoch(), seconds(90));
      if (row.plan == Plan::reinvite) EXPECT_EQ(pair.a.count<OfferAnswered>(), 1U);
      datagrams = std::max<std::size_t>(datagrams, std::min<std::size_t>(pair.wire.crossings.size(), 40));
    } else {
      datagrams = 12;  // the most that a plan needs
    }
    if (::testing::Test::HasFailure()) {
      std::puts(pair.wire.ladder().c_str());
      return;
    }
  }
}

std::string name_of(const ::testing::TestParamInfo<std::tuple<Row, Harm>>& info) {
  constexpr std::array<const char*, 4> harms{"lost", "twice", "late", "lost_for_good"};
  return fmt::format("{}_{}", std::get<0>(info.param).name,
                     harms[static_cast<std::size_t>(std::get<1>(info.param))]);
}

constexpr std::array<Row, 7> plans{{{"call", Plan::call},
                                    {"callee_hangs_up", Plan::callee_hangs_up},
                                    {"reinvite", Plan::reinvite},
                                    {"delayed_offer", Plan::delayed_offer},
                                    {"cancel", Plan::cancel},
                                    {"early_media", Plan::early_media},
                                    {"glare", Plan::glare}}};

INSTANTIATE_TEST_SUITE_P(Plans, SipLoss,
                         ::testing::Combine(::testing::ValuesIn(plans),
                                            ::testing::Values(Harm::lost, Harm::twice, Harm::late,
                                                              Harm::lost_for_good)),
                         name_of);

// An INVITE that arrives after its caller gave up (a network that came back, a server that was busy): whoever
// it reaches must not be left with a phone that rings, or a call that is silent, until he gives up himself
// (RFC 3261 §13.2.2.4, §9.1).
class SipLateInvite : public WireScenario {
 protected:
  SipLateInvite() {
    wire.sip_settings.timers.client_timeout = seconds(4);  // sip_transaction_timeout
    a_ = &wire.add("a", "10.0.0.1:5060");
    b_ = &wire.add("b", "10.0.0.2:5060");
    wire.rule = [](const Crossing& crossing) -> Treatment {  // the copies that Timer A sent are lost
      if (crossing.is("INVITE ")) return {crossing.number == 0 ? 1U : 0U, seconds(9)};
      return {1, milliseconds(20)};
    };
  }
  void call(bool is_accepted_at_once, EndCause expected) {
    b_->on_event = [this, is_accepted_at_once](const Event& event) {
      const auto* invite = std::get_if<IncomingInvite>(&event);
      if (!invite) return;
      EXPECT_TRUE(b_->stack.provisional(invite->session, {180, "", "", false, {}}, b_->now()));
      if (is_accepted_at_once) EXPECT_TRUE(b_->stack.accept(invite->session, sdp_b, {}, b_->now()));
    };
    a_->call(*b_, sdp_a);
    wire.run_dry();
    SCOPED_TRACE(wire.ladder());
    EXPECT_EQ(a_->last<SessionEnded>()->cause, EndCause::timeout);
    EXPECT_EQ(a_->count<Accepted>(), 0U);
    ASSERT_EQ(b_->count<SessionEnded>(), 1U);
    EXPECT_EQ(b_->last<SessionEnded>()->cause, expected);
    wire.expect_nothing_left();
  }

 private:
  Node* a_ = nullptr;
  Node* b_ = nullptr;
};

SCENARIO(SipLateInvite, that_rings_is_cancelled) { call(false, EndCause::cancelled_by_peer); }
SCENARIO(SipLateInvite, that_is_accepted_is_hung_up) { call(true, EndCause::bye_received); }

}  // namespace
}  // namespace sidetone::test
