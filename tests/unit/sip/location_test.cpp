// RFC 3263 §4 with RFC 3403, RFC 2782 and RFC 2308: destinations to targets, row by row; then what resolvers
// do that do not mean well.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "location_desk.h"

namespace sidetone::sip::test {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Strings = std::vector<std::string>;

constexpr auto v4 = IpAddress::Family::v4;
constexpr auto v6 = IpAddress::Family::v6;

Destination any(std::string host, std::uint16_t port = 0) { return {std::move(host), port, {}, false, {}}; }
Destination by(Transport transport, std::string host, std::uint16_t port = 0) {
  return {std::move(host), port, transport, transport == Transport::tls, {}};
}
Destination sips(std::string host, std::uint16_t port = 0) { return {std::move(host), port, {}, true, {}}; }

struct Row {
  const char* section;
  Destination to;
  Zone zone;
  Strings targets;
  Strings asked;
};

class Rfc3263 : public ::testing::TestWithParam<Row> {};

TEST_P(Rfc3263, Selects) {
  const auto& row = GetParam();
  LocationDesk desk(row.zone);
  const auto located = desk.locate(row.to);
  EXPECT_EQ(LocationDesk::words(located), row.targets) << row.section << "; " << located.error;
  EXPECT_EQ(desk.asked, row.asked) << row.section;
  if (row.targets.empty()) EXPECT_FALSE(located.error.empty()) << row.section;
  for (const auto& target : located.targets) EXPECT_EQ(target.tls_name, row.to.host) << "RFC 5922 §4";
}

const Strings both = {"SRV _sip._udp.example.com 1 0 5060 a.example.com", "A a.example.com 192.0.2.1",
                      "SRV _sip._tcp.example.com 1 0 5070 b.example.com", "A b.example.com 192.0.2.2"};
Strings with(Strings list, Strings more) {
  list.insert(list.end(), more.begin(), more.end());
  return list;
}

INSTANTIATE_TEST_SUITE_P(
    Tables, Rfc3263,
    ::testing::Values(
        Row{"4.2: a port was told: addresses only",
            any("a.example.com", 5080),
            {both},
            {"UDP 192.0.2.1:5080"},
            {"A a.example.com"}},
        Row{"4.1: sips with a port: TLS",
            sips("a.example.com", 5080),
            {both},
            {"TLS 192.0.2.1:5080"},
            {"A a.example.com"}},
        Row{"4.1: a transport was told: no NAPTR",
            by(Transport::tcp, "example.com"),
            {both},
            {"TCP 192.0.2.2:5070"},
            {"SRV _sip._tcp.example.com", "A b.example.com"}},
        Row{"4.1: NAPTR chooses; lowest order only (RFC 3403 4.1)",
            any("example.com"),
            {with(both, {"NAPTR example.com 20 1 s SIP+D2U _sip._udp.example.com",
                         "NAPTR example.com 10 1 s SIP+D2T _sip._tcp.example.com"})},
            {"TCP 192.0.2.2:5070"},
            {"NAPTR example.com", "SRV _sip._tcp.example.com", "A b.example.com"}},
        Row{"4.1: within an order by preference",
            any("example.com"),
            {with(both, {"NAPTR example.com 10 50 s sip+d2u _sip._udp.example.com",
                         "NAPTR example.com 10 20 S SIP+D2T _sip._tcp.example.com"})},
            {"TCP 192.0.2.2:5070", "UDP 192.0.2.1:5060"},
            {"NAPTR example.com", "SRV _sip._tcp.example.com", "SRV _sip._udp.example.com", "A b.example.com",
             "A a.example.com"}},
        Row{"4.1: services that we do not speak are passed over",
            any("example.com"),
            {with(both, {"NAPTR example.com 1 1 s SIP+D2S _sip._sctp.example.com",
                         "NAPTR example.com 2 1 u E2U+sip x.example.com",
                         "NAPTR example.com 3 1 s SIP+D2U _sip._udp.example.com"})},
            {"UDP 192.0.2.1:5060"},
            {"NAPTR example.com", "SRV _sip._udp.example.com", "A a.example.com"}},
        Row{"4.1: sips takes TLS services only",
            sips("example.com"),
            {{"NAPTR example.com 1 1 s SIP+D2U _sip._udp.example.com",
              "NAPTR example.com 2 1 s SIPS+D2T _sips._tcp.example.com",
              "SRV _sips._tcp.example.com 1 0 5061 a.example.com", "A a.example.com 192.0.2.1"}},
            {"TLS 192.0.2.1:5061"},
            {"NAPTR example.com", "SRV _sips._tcp.example.com", "A a.example.com"}},
        Row{"4.1: without NAPTR all services are asked for",
            any("example.com"),
            {both},
            {"UDP 192.0.2.1:5060", "TCP 192.0.2.2:5070"},
            {"NAPTR example.com", "SRV _sip._tcp.example.com", "SRV _sip._udp.example.com",
             "SRV _sips._tcp.example.com", "A b.example.com", "A a.example.com"}},
        Row{"4.2: without SRV the addresses of the name",
            any("example.com"),
            {{"A example.com 192.0.2.9"}},
            {"UDP 192.0.2.9:5060"},
            {"NAPTR example.com", "SRV _sip._tcp.example.com", "SRV _sip._udp.example.com",
             "SRV _sips._tcp.example.com", "A example.com"}},
        Row{"4.2: TLS without SRV: port 5061",
            by(Transport::tls, "example.com"),
            {{"A example.com 192.0.2.9"}},
            {"TLS 192.0.2.9:5061"},
            {"SRV _sips._tcp.example.com", "A example.com"}},
        Row{"RFC 2782: priority decides, weight does not (guide)",
            by(Transport::udp, "example.com"),
            {{"SRV _sip._udp.example.com 20 90 5060 c.example.com",
              "SRV _sip._udp.example.com 10 0 5061 a.example.com",
              "SRV _sip._udp.example.com 10 99 5062 b.example.com", "A a.example.com 192.0.2.1",
              "A b.example.com 192.0.2.2", "A c.example.com 192.0.2.3"}},
            {"UDP 192.0.2.1:5061", "UDP 192.0.2.2:5062", "UDP 192.0.2.3:5060"},
            {"SRV _sip._udp.example.com", "A a.example.com", "A b.example.com", "A c.example.com"}},
        Row{"RFC 2782: target '.' denies the service",
            by(Transport::udp, "example.com"),
            {{"SRV _sip._udp.example.com 0 0 0 .", "A example.com 192.0.2.9"}},
            {},
            {"SRV _sip._udp.example.com"}},
        Row{"RFC 2782: additional addresses save questions",
            by(Transport::udp, "example.com"),
            {both, {}, {}, true},
            {"UDP 192.0.2.1:5060"},
            {"SRV _sip._udp.example.com"}},
        Row{"several addresses of a target, in their order",
            any("m.example.com", 5060),
            {{"A m.example.com 192.0.2.7", "A m.example.com 192.0.2.5"}},
            {"UDP 192.0.2.7:5060", "UDP 192.0.2.5:5060"},
            {"A m.example.com"}},
        Row{"guide: no mix of families under one name",
            any("m.example.com", 5060),
            {{"A m.example.com 192.0.2.7", "AAAA m.example.com 2001:db8::7"}},
            {"UDP 192.0.2.7:5060"},
            {"A m.example.com"}},
        Row{"the second family when the first has nothing",
            any("m.example.com", 5060),
            {{"AAAA m.example.com 2001:db8::7"}},
            {"UDP [2001:db8::7]:5060"},
            {"A m.example.com", "AAAA m.example.com"}},
        Row{"ip_versions IPv6,IPv4",
            Destination{"m.example.com", 5060, {}, false, {v6, v4}},
            {{"A m.example.com 192.0.2.7", "AAAA m.example.com 2001:db8::7"}},
            {"UDP [2001:db8::7]:5060"},
            {"AAAA m.example.com"}},
        Row{"ip_versions IPv4 alone",
            Destination{"m.example.com", 5060, {}, false, {v4}},
            {{"AAAA m.example.com 2001:db8::7"}},
            {},
            {"A m.example.com"}},
        Row{"RFC 1034 3.6.2: aliases in the answer and behind it",
            any("x.example.com", 5060),
            {{"CNAME x.example.com y.example.com", "CNAME y.example.com z.example.com",
              "A z.example.com 192.0.2.1"}},
            {"UDP 192.0.2.1:5060"},
            {"A x.example.com", "A y.example.com", "A z.example.com"}},
        Row{"a name that does not exist",
            any("no.example.com", 5060),
            {both},
            {},
            {"A no.example.com", "AAAA no.example.com"}},
        Row{"a server that cannot speak of SRV: the addresses",
            by(Transport::udp, "example.com"),
            {{"A example.com 192.0.2.9"}, {}, {"SRV _sip._udp.example.com"}},
            {"UDP 192.0.2.9:5060"},
            {"SRV _sip._udp.example.com", "A example.com"}},
        Row{"a router that swallows NAPTR",
            any("example.com"),
            {both, {"NAPTR example.com"}},
            {"UDP 192.0.2.1:5060", "TCP 192.0.2.2:5070"},
            {"NAPTR example.com", "SRV _sip._tcp.example.com", "SRV _sip._udp.example.com",
             "SRV _sips._tcp.example.com", "A b.example.com", "A a.example.com"}},
        Row{"a router that swallows SRV",
            by(Transport::udp, "example.com"),
            {{"A example.com 192.0.2.9"}, {"SRV _sip._udp.example.com"}},
            {"UDP 192.0.2.9:5060"},
            {"SRV _sip._udp.example.com", "A example.com"}}));

// --- numbers

TEST(Location, AtMostTwentyTargets) {  // SDK guide
  Zone zone;
  for (int i = 0; i < 1000; ++i) {
    zone.records.push_back(fmt::format("SRV _sip._udp.example.com 1 0 5060 h{}.example.com", i));
    if (i < 30) zone.records.push_back(fmt::format("A h{}.example.com 192.0.2.{}", i, i + 1));
  }
  LocationDesk desk(zone);
  const auto located = desk.locate(by(Transport::udp, "example.com"));
  EXPECT_EQ(located.targets.size(), 20U);
  EXPECT_EQ(located.targets.back().address.to_string(), "192.0.2.20:5060");
  EXPECT_LE(desk.asked.size(), 21U);
}

TEST(Location, NamesThatAreNone) {
  for (const std::string& name :
       {std::string(), std::string("a..b"), std::string(254, 'a'), std::string(64, 'a') + ".com",
        std::string("a\0b", 3), std::string("a b"), std::string("."), std::string("a/b")}) {
    LocationDesk desk;
    EXPECT_THAT(desk.locate(any(name)).error, HasSubstr("is not a host name")) << name;
    EXPECT_THAT(desk.asked, IsEmpty());
  }
}

TEST(Location, CaseAndTheFinalDotDoNotMatter) {
  LocationDesk desk({{"A a.example.com 192.0.2.1"}});
  EXPECT_EQ(desk.locate(any("A.Example.COM.", 5060)).targets.size(), 1U);
  EXPECT_EQ(desk.locate(any("a.example.com", 5060)).targets.size(), 1U);
  EXPECT_EQ(desk.asked.size(), 1U);
}

TEST(Location, OneQuestionForAllWhoWait) {
  LocationDesk desk({{"A a.example.com 192.0.2.1"}});
  int told = 0;
  for (int i = 0; i < 5000; ++i)
    EXPECT_FALSE(desk.locator.locate(any("a.example.com", 5060), desk.now,
                                     [&](const Located& l, Time) { told += l.targets.size() == 1 ? 1 : 0; }));
  EXPECT_EQ(desk.locator.searches(), 1U);
  desk.pump();
  EXPECT_EQ(told, 5000);
  EXPECT_EQ(desk.asked.size(), 1U);
  EXPECT_FALSE(desk.locator.deadline());  // nothing is left
}

// --- time

TEST(LocationTime, AnswersHoldForTheirTtl) {  // RFC 1035 §3.2.1
  LocationDesk desk({{"60: A a.example.com 192.0.2.1"}});
  EXPECT_EQ(desk.locate(any("a.example.com", 5060)).targets.size(), 1U);
  desk.zone.records = {"60: A a.example.com 192.0.2.2"};
  desk.now += seconds(59);
  EXPECT_THAT(LocationDesk::words(desk.locate(any("a.example.com", 5060))),
              ElementsAre("UDP 192.0.2.1:5060"));
  desk.now += seconds(1);
  EXPECT_THAT(LocationDesk::words(desk.locate(any("a.example.com", 5060))),
              ElementsAre("UDP 192.0.2.2:5060"));
  EXPECT_EQ(desk.asked.size(), 2U);
}

struct TtlRow {
  const char* what;
  std::string ttl;
  seconds holds;
};
class TtlBounds : public ::testing::TestWithParam<TtlRow> {};
TEST_P(TtlBounds, AreKept) {
  LocationDesk desk({{GetParam().ttl + ": A a.example.com 192.0.2.1"}});
  desk.locate(any("a.example.com", 5060));
  desk.now += GetParam().holds - seconds(1);
  desk.locate(any("a.example.com", 5060));
  EXPECT_EQ(desk.asked.size(), 1U) << GetParam().what;
  desk.now += seconds(1);
  desk.locate(any("a.example.com", 5060));
  EXPECT_EQ(desk.asked.size(), 2U) << GetParam().what;
}
INSTANTIATE_TEST_SUITE_P(Rows, TtlBounds,
                         ::testing::Values(TtlRow{"floor", "0", seconds(5)},
                                           TtlRow{"as told", "77", seconds(77)},
                                           TtlRow{"ceiling", "2000000000", seconds(86400)}));

TEST(LocationTime, FailuresAreKeptForAShortWhile) {  // RFC 2308 §5, §7
  DnsAnswer none;
  none.outcome = DnsAnswer::Outcome::no_name;
  none.negative_ttl = seconds(60);
  EXPECT_EQ(fact_of("a", DnsType::a, none, Time{}).expires, Time{} + seconds(60));
  none.negative_ttl = hours(9);
  EXPECT_EQ(fact_of("a", DnsType::a, none, Time{}).expires, Time{} + seconds(300));
  none.negative_ttl.reset();
  EXPECT_EQ(fact_of("a", DnsType::a, none, Time{}).expires, Time{} + seconds(5));
  none.outcome = DnsAnswer::Outcome::no_answer;
  EXPECT_EQ(fact_of("a", DnsType::a, none, Time{}).expires, Time{} + seconds(5));
}

TEST(LocationTime, OldAnswersServeWhileTheResolverIsDead) {  // RFC 8767
  LocationDesk desk(
      {{"60: SRV _sip._udp.example.com 1 0 5060 a.example.com", "60: A a.example.com 192.0.2.1"}});
  desk.locate(by(Transport::udp, "example.com"));
  desk.now += hours(1);
  desk.zone.silent = {"*"};
  EXPECT_THAT(LocationDesk::words(desk.locate(by(Transport::udp, "example.com"))),
              ElementsAre("UDP 192.0.2.1:5060"));
  const auto asked = desk.asked.size();
  desk.now += seconds(29);  // §4: good for 30 s before the resolver is tried again
  EXPECT_EQ(desk.locate(by(Transport::udp, "example.com")).targets.size(), 1U);
  EXPECT_EQ(desk.asked.size(), asked);
  desk.now += hours(73);
  const auto gone = desk.locate(by(Transport::udp, "example.com"));
  EXPECT_THAT(gone.targets, IsEmpty());
  EXPECT_EQ(gone.error, "SRV _sip._udp.example.com: server 192.0.2.53:53 did not answer within 3 s");
}

TEST(LocationTime, ASilentResolverIsNotWaitedForLongWithAnOldAnswer) {
  LocationDesk desk({{"60: A a.example.com 192.0.2.1"}});
  desk.locate(any("a.example.com", 5060));
  desk.now += hours(1);
  desk.held = {"A a.example.com"};
  const auto before = desk.now;
  EXPECT_EQ(desk.locate(any("a.example.com", 5060)).targets.size(), 1U);
  EXPECT_EQ(desk.now - before, std::chrono::milliseconds(1800));
}

TEST(LocationTime, NoAnswerAtAllEndsTheSearch) {
  LocationDesk desk;
  desk.held = {"A a.example.com", "AAAA a.example.com"};
  const auto before = desk.now;
  const auto located = desk.locate(any("a.example.com", 5060));
  EXPECT_EQ(located.error, "A a.example.com: no answer within 8 s");
  EXPECT_LE(desk.now - before, seconds(16));
  EXPECT_EQ(desk.locator.searches(), 0U);
}

TEST(LocationTime, KnownTargetsDoNotWaitForADeadNameServer) {
  LocationDesk desk({{"SRV _sip._udp.example.com 1 0 5060 a.dead.example",
                      "SRV _sip._udp.example.com 2 0 5060 b.example.com", "A b.example.com 192.0.2.2"}});
  desk.held = {"A a.dead.example"};
  const auto before = desk.now;
  EXPECT_THAT(LocationDesk::words(desk.locate(by(Transport::udp, "example.com"))),
              ElementsAre("UDP 192.0.2.2:5060"));
  EXPECT_EQ(desk.now - before, seconds(1));
}

TEST(LocationTime, FlushAsksAgain) {
  LocationDesk desk({{"A a.example.com 192.0.2.1"}});
  desk.locate(any("a.example.com", 5060));
  desk.locator.flush(desk.now);
  desk.locate(any("a.example.com", 5060));
  EXPECT_EQ(desk.asked.size(), 2U);
}

// --- lies

TEST(LocationLies, AliasesInACircle) {
  LocationDesk desk({{"CNAME a.example.com b.example.com", "CNAME b.example.com a.example.com"}});
  EXPECT_THAT(desk.locate(any("a.example.com", 5060)).targets, IsEmpty());
  DnsAnswer circle;
  circle.answers = {record("CNAME a b"), record("CNAME b a")};
  const auto fact = fact_of("a", DnsType::a, circle, Time{});
  EXPECT_EQ(fact.kind, DnsFact::Kind::failed);
  EXPECT_THAT(fact.text, HasSubstr("too long"));
}

TEST(LocationLies, AdditionalRecordsForOtherNamesAreNotBelieved) {  // RFC 2181 §5.4.1
  LocationDesk desk({{"SRV _sip._udp.evil.example 1 0 5060 a.evil.example", "A a.evil.example 192.0.2.66",
                      "A sip.bank.example 192.0.2.66"},
                     {},
                     {},
                     true});
  desk.locate(by(Transport::udp, "evil.example"));
  desk.zone = {{"A sip.bank.example 198.51.100.1"}};
  EXPECT_THAT(LocationDesk::words(desk.locate(any("sip.bank.example", 5060))),
              ElementsAre("UDP 198.51.100.1:5060"));
}

TEST(LocationLies, AdditionalRecordsThatNobodySpokeOfAreNotKept) {
  DnsAnswer answer;
  answer.answers = {record("SRV _sip._udp.a.example 1 0 5060 one.a.example")};
  answer.additional = {record("A one.a.example 192.0.2.1"), record("A sip.bank.example 192.0.2.66")};
  const auto fact = fact_of("_sip._udp.a.example", DnsType::srv, answer, Time{});
  ASSERT_EQ(fact.additional.size(), 1U);
  EXPECT_EQ(fact.additional[0].name, "one.a.example");
}

TEST(LocationLies, AnswersToOtherQuestionsAreNotTaken) {
  DnsAnswer other;
  other.answers = {record("A b.example.com 192.0.2.1"), record("SRV a.example.com 1 0 5060 x")};
  EXPECT_EQ(fact_of("a.example.com", DnsType::a, other, Time{}).kind, DnsFact::Kind::none);
}

TEST(LocationLies, PortZeroAndRootTargetsAreLeftOut) {
  LocationDesk desk({{"SRV _sip._udp.example.com 1 0 0 a.example.com", "SRV _sip._udp.example.com 1 0 5060 .",
                      "A example.com 192.0.2.1", "A a.example.com 192.0.2.1"}});
  const auto located = desk.locate(by(Transport::udp, "example.com"));
  EXPECT_THAT(located.targets, IsEmpty());
  EXPECT_THAT(located.error, HasSubstr("SRV _sip._udp.example.com"));
}

TEST(LocationLies, TheCacheIsBounded) {
  LocationDesk desk;
  for (int i = 0; i < 2000; ++i) {
    desk.asked.clear();
    desk.locate(any(fmt::format("h{}.example.com", i), 5060));
  }
  EXPECT_LE(desk.locator.cached(), 512U);
}

}  // namespace
}  // namespace sidetone::sip::test
