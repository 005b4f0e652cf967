// DNS responses as they come from the network, and as they come from those who mean harm (RFC 1035 §4.1).
#include "sip/location/dns_message.h"

#include <gmock/gmock.h>

#include "base/random.h"
#include "dns_bytes.h"

namespace sidetone::sip::test {
namespace {

using Outcome = DnsAnswer::Outcome;
using std::chrono::seconds;

TEST(DnsMessage, ReadsEachKindOfRecord) {
  DnsBytes bytes("_sip._udp.example.com", 33);
  bytes.record("_sip._udp.example.com", 33, 60, DnsBytes::srv(1, 2, 5060, "a.example.com"));
  bytes.record("example.com", 35, 61, DnsBytes::naptr(10, 20, "s", "SIP+D2U", "", "_sip._udp.example.com"));
  bytes.record("x.example.com", 5, 62, DnsBytes::name("y.example.com"));
  bytes.section(2).record("a.example.com", 1, 63, DnsBytes::v4(192, 0, 2, 1));
  bytes.section(2).record("a.example.com", 28, 64, std::string(15, '\0') + '\1');
  const auto answer = read_dns_answer(bytes.text(), "_sip._udp.example.com");
  ASSERT_EQ(answer.outcome, Outcome::answered) << answer.text;
  ASSERT_EQ(answer.answers.size(), 3U);
  ASSERT_EQ(answer.additional.size(), 2U);
  const auto& srv = std::get<SrvData>(answer.answers[0].data);
  EXPECT_EQ(srv.priority, 1);
  EXPECT_EQ(srv.weight, 2);
  EXPECT_EQ(srv.port, 5060);
  EXPECT_EQ(srv.target, "a.example.com");
  const auto& naptr = std::get<NaptrData>(answer.answers[1].data);
  EXPECT_EQ(naptr.order, 10);
  EXPECT_EQ(naptr.preference, 20);
  EXPECT_EQ(naptr.services, "SIP+D2U");
  EXPECT_EQ(naptr.replacement, "_sip._udp.example.com");
  EXPECT_EQ(std::get<CnameData>(answer.answers[2].data).target, "y.example.com");
  EXPECT_EQ(answer.answers[2].ttl, seconds(62));
  EXPECT_EQ(std::get<IpAddress>(answer.additional[0].data).to_string(), "192.0.2.1");
  EXPECT_EQ(std::get<IpAddress>(answer.additional[1].data).to_string(), "::1");
}

TEST(DnsMessage, TheNameThatWasAskedForStandsForTheSearchDomains) {
  DnsBytes bytes("sipserver.corp.example", 1);
  bytes.record("sipserver.corp.example", 1, 60, DnsBytes::v4(192, 0, 2, 1));
  EXPECT_EQ(read_dns_answer(bytes.text(), "sipserver").answers.at(0).name, "sipserver");
}

TEST(DnsMessage, NegativeTtlIsTheSmallerOne) {  // RFC 2308 §5
  DnsBytes bytes("no.example.com", 1, 3);
  bytes.section(1).record("example.com", 6, 900, DnsBytes::soa(77));
  const auto answer = read_dns_answer(bytes.text(), "no.example.com");
  EXPECT_EQ(answer.outcome, Outcome::no_name);
  EXPECT_EQ(answer.negative_ttl, seconds(77));
}

struct Row {
  const char* what;
  std::string bytes;
  Outcome outcome;
  std::size_t answers;
};
class HostileDns : public ::testing::TestWithParam<Row> {};

TEST_P(HostileDns, IsReadAsFarAsItMakesSense) {
  const auto answer = read_dns_answer(GetParam().bytes, "a.example.com");
  EXPECT_EQ(answer.outcome, GetParam().outcome) << GetParam().what << ": " << answer.text;
  EXPECT_EQ(answer.answers.size(), GetParam().answers) << GetParam().what;
}

std::string with(std::uint16_t type, const std::string& data, std::uint32_t ttl = 60) {
  DnsBytes bytes("a.example.com", 1);
  bytes.record("a.example.com", type, ttl, data);
  return bytes.text();
}
std::string with_owner(const std::string& owner) {
  DnsBytes bytes("a.example.com", 1);
  bytes.raw_record(owner, 1, 60, DnsBytes::v4(192, 0, 2, 1));
  return bytes.text();
}
std::string many() {
  DnsBytes bytes("a.example.com", 1);
  for (int i = 0; i < 1000; ++i) bytes.record("a.example.com", 1, 60, DnsBytes::v4(192, 0, 2, 1));
  return bytes.text();
}

INSTANTIATE_TEST_SUITE_P(
    Rows, HostileDns,
    ::testing::Values(
        Row{"nothing", "", Outcome::failed, 0}, Row{"half a header", std::string(7, 'x'), Outcome::failed, 0},
        Row{"a question, no response", DnsBytes("a.example.com", 1, 0, false).text(), Outcome::failed, 0},
        Row{"SERVFAIL", DnsBytes("a.example.com", 1, 2).text(), Outcome::failed, 0},
        Row{"an rcode of the future", DnsBytes("a.example.com", 1, 11).text(), Outcome::failed, 0},
        Row{"whole", with(1, DnsBytes::v4(192, 0, 2, 1)), Outcome::answered, 1},
        Row{"1,000 records: 200 are read", many(), Outcome::answered, 200},
        Row{"three bytes of IPv4", with(1, "abc"), Outcome::answered, 0},
        Row{"five bytes of IPv4", with(1, "abcde"), Outcome::answered, 0},
        Row{"AAAA with four bytes", with(28, "abcd"), Outcome::answered, 0},
        Row{"a type nobody asked for", with(16, "\3abc"), Outcome::answered, 0},
        Row{"SRV that ends before its target", with(33, std::string("\0\1\0\1\x13\xC4", 6)),
            Outcome::answered, 0},
        Row{"SRV with bytes behind its target", with(33, DnsBytes::srv(1, 1, 5060, "b") + "x"),
            Outcome::answered, 0},
        Row{"NAPTR whose string runs out", with(35, std::string("\0\1\0\1\xFF", 5) + "s"), Outcome::answered,
            0},
        Row{"a label with a zero", with_owner(std::string("\3a\0b\7example\3com\0", 17)), Outcome::answered,
            0},
        Row{"a label with a dot", with_owner(std::string("\5a.exa\4mple\3com\0", 16)), Outcome::answered, 0},
        Row{"a pointer to itself", with_owner("\xC0\x1F"), Outcome::failed, 0},
        Row{"a pointer forwards", with_owner("\xC0\xFF"), Outcome::failed, 0},
        Row{"a pointer to the question", with_owner("\xC0\x0C"), Outcome::answered, 1},
        Row{"a label type of history",
            with_owner(std::string("\x41"
                                   "a\0",
                                   3)),
            Outcome::failed, 0},
        Row{"a name of 255 bytes and more", with_owner([] {
              std::string name;
              for (int i = 0; i < 5; ++i) name += '\x3F' + std::string(63, 'a');
              return name + '\0';
            }()),
            Outcome::failed, 0},
        Row{"a TTL with the highest bit is zero (RFC 2181 8)",
            with(1, DnsBytes::v4(192, 0, 2, 1), 0x80000001U), Outcome::answered, 1}));

TEST(HostileDns, EveryCutAndEveryFlippedByteIsSurvived) {
  DnsBytes bytes("_sip._udp.example.com", 33);
  for (int i = 0; i < 5; ++i)
    bytes.record("_sip._udp.example.com", 33, 60, DnsBytes::srv(1, 2, 5060, "a.example.com"));
  bytes.record("example.com", 35, 61, DnsBytes::naptr(10, 20, "s", "SIP+D2U", "", "_sip._udp.example.com"));
  const auto good = bytes.text();
  for (std::size_t i = 0; i < good.size(); ++i) {
    (void)read_dns_answer(std::string_view(good).substr(0, i), "x");
    for (int bit = 0; bit < 8; ++bit) {
      auto bad = good;
      bad[i] = static_cast<char>(bad[i] ^ (1 << bit));
      const auto answer = read_dns_answer(bad, "x");
      EXPECT_LE(answer.answers.size() + answer.additional.size(), 6U);
      for (const auto& record : answer.answers) EXPECT_TRUE(record.name.empty() || is_dns_name(record.name));
    }
  }
}

}  // namespace
}  // namespace sidetone::sip::test
