#include "rtp/vq_report.h"

#include <gtest/gtest.h>

#include <regex>
#include <vector>

namespace sidetone::rtp {
namespace {

using namespace std::chrono;

// --- RFC 6035 §4.6.1 as expressions, a line each. WSP behind the last value of a line is not asked for: the
// grammar has it where its last value is left out.
const std::string word = R"([A-Za-z0-9\-.!%*_+`'~()<>:\\"/\[\]?]+)";
const std::string word_plus = R"([A-Za-z0-9\-.!%*_+`'~()<>:\\/\[\]?{}= ]+)";
const std::string call_id = word + "(@" + word + ")?";
const std::string uri = R"(<[a-z]+:[^<> \r\n]+>)";
const std::string time_utc = R"(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z)";
const std::string address = R"(IP=([0-9.]+|[0-9a-fA-F:.]+) PORT=\d+ SSRC=0x[0-9a-fA-F]{1,8})";
const std::string percentage = R"(\d{1,3}(\.\d{1,2})?)";
const std::string mos = R"(\d(\.\d{1,3})?)";

struct Rule {
  const char* name;
  std::string value;
  bool optional;
};

// "[ A WSP ] [ B WSP ] [ C ]": each in its place or not at all.
std::string some_of(const std::vector<std::string>& values) {
  std::string pattern;
  for (const auto& value : values) pattern += "( " + value + ")?";
  return pattern;
}

std::vector<Rule> metrics_rules() {
  return {
      {"Timestamps", "START=" + time_utc + " STOP=" + time_utc, false},
      {"SessionDesc",
       some_of({R"(PT=\d{1,3})", "PD=" + word, R"(SR=\d{1,6}(;\d{1,6})*)", R"(PPS=\d{1,5})", R"(FD=\d{1,4})",
                R"(FO=\d{1,5})", R"(FPP=\d{1,2})", "FMTP=\"" + word_plus + "\"", "PLC=[0-3]",
                "SSUP=(on|off)"}),
       true},
      {"JitterBuffer",
       some_of({"JBA=[0-3]", R"(JBR=\d{1,2})", R"(JBN=\d{1,5})", R"(JBM=\d{1,5})", R"(JBX=\d{1,5})"}), true},
      {"PacketLoss", some_of({"NLR=" + percentage, "JDR=" + percentage}), true},
      {"BurstGapLoss",
       some_of(
           {"BLD=" + percentage, R"(BD=\d{1,7})", "GLD=" + percentage, R"(GD=\d{1,7})", R"(GMIN=\d{1,3})"}),
       true},
      {"Delay",
       some_of({R"(RTD=\d{1,5})", R"(ESD=\d{1,5})", R"(OWD=\d{1,5})", R"(SOWD=\d{1,5})", R"(IAJ=\d{1,5})",
                R"(MAJ=\d{1,5})"}),
       true},
      {"Signal", some_of({R"(SL=-?\d{1,2})", R"(NL=-?\d{1,2})", R"(RERL=\d{1,3})"}), true},
      {"QualityEst",
       some_of({R"(RLQ=\d{1,3})", R"(RCQ=\d{1,3})", "MOSLQ=" + mos, "MOSCQ=" + mos, "QoEEstAlg=" + word}),
       true},
  };
}

// The first line that is not as the grammar has it; empty: all are.
std::string first_wrong_line(const std::string& text) {
  std::vector<std::string> lines;
  std::size_t at = 0;
  while (at < text.size()) {
    const auto end = text.find("\r\n", at);
    if (end == std::string::npos) return "a line without CRLF: " + text.substr(at);
    lines.push_back(text.substr(at, end - at));
    at = end + 2;
  }
  std::size_t next = 0;
  const auto line = [&] { return next < lines.size() ? lines[next] : std::string("(end)"); };
  const auto matches = [&](const std::string& pattern) {
    if (next >= lines.size() || !std::regex_match(lines[next], std::regex(pattern))) return false;
    ++next;
    return true;
  };
  const std::string metric_type = "(RLQ|RCQ|EXTR|MOSLQ|MOSCQ|BD|NLR|JDR|RTD|ESD|IAJ|RERL|SL|NL)";
  if (!matches("VQSessionReport(: CallTerm)?") && !matches("VQIntervalReport(: CallTerm)?") &&
      !matches("VQAlertReport: Type=" + metric_type +
               " Severity=(Warning|Critical|Clear) Dir=(local|remote)"))
    return line();
  for (const auto& [name, value] :
       std::vector<std::pair<std::string, std::string>>{{"CallID", call_id},
                                                        {"LocalID", uri},
                                                        {"RemoteID", uri},
                                                        {"OrigID", uri},
                                                        {"LocalAddr", address},
                                                        {"RemoteAddr", address},
                                                        {"LocalGroup", word_plus},
                                                        {"RemoteGroup", word_plus}})
    if (!matches(name + ": " + value)) return line();
  for (const auto* part : {"LocalMetrics:", "RemoteMetrics:"}) {
    if (!matches(part)) {
      if (part[0] == 'L') return line();
      continue;
    }
    for (const auto& rule : metrics_rules()) {
      // some_of() begins each value with the blank that is behind the colon.
      const bool is_list = rule.value.starts_with("( ");
      if (!matches(std::string(rule.name) + (is_list ? ":" : ": ") + rule.value) && !rule.optional)
        return line();
    }
  }
  if (!matches("DialogID: " + call_id + "(;to-tag=" + word + ")?(;from-tag=" + word + ")?")) return line();
  return next == lines.size() ? "" : line();
}

VqMetrics every_metric() {
  VqMetrics m;
  m.start = sys_days{2026y / November / 28} + 9h + 5min + 7s;
  m.stop = m.start + 130s;
  m.session = VqMetrics::Session{0, "PCMU", 8000, 50, 20, 1, "", true};
  m.concealment = 2;
  m.buffer_adaptive = 3;
  m.buffer_nominal = 40;
  m.buffer_maximum = m.buffer_absolute_maximum = 4000;
  m.loss_rate = 5;
  m.discard_rate = 2.345;
  m.bursts = VqMetrics::Bursts{33.3, 4, 120, 520, 16};
  m.round_trip = 200;
  m.end_system = 140;
  m.symmetric_one_way = 240;
  m.jitter = 2;
  m.signal_level = -18;
  m.noise_level = -50;
  m.echo_return_loss = 55;
  m.r_listening = 88.4;
  m.r_conversation = 85;
  m.mos_listening = 4.14;
  m.mos_conversation = 4;
  m.algorithm = "G.107";
  return m;
}

VqReport report() {
  VqReport r;
  r.call_id = "6dg37f1890463@host";
  r.to_tag = "8472761";
  r.from_tag = "9123dh311";
  r.local_uri = r.caller_uri = "sip:alice@example.org";
  r.remote_uri = "sip:bill@example.net";
  r.local_group = "phone 7001";
  r.local = *Address::parse("10.10.1.100:5000", 0);
  r.remote = *Address::parse("11.1.1.150:5002", 0);
  r.local_ssrc = 0x1a3b5c7d;
  r.remote_ssrc = 0x68abcd;
  r.local_metrics = every_metric();
  return r;
}

TEST(VqReport, EveryLineAsItIsWritten) {
  auto r = report();
  EXPECT_EQ(write_vq_report(r),
            "VQSessionReport: CallTerm\r\n"
            "CallID: 6dg37f1890463@host\r\n"
            "LocalID: <sip:alice@example.org>\r\n"
            "RemoteID: <sip:bill@example.net>\r\n"
            "OrigID: <sip:alice@example.org>\r\n"
            "LocalAddr: IP=10.10.1.100 PORT=5000 SSRC=0x1a3b5c7d\r\n"
            "RemoteAddr: IP=11.1.1.150 PORT=5002 SSRC=0x0068abcd\r\n"
            "LocalGroup: phone 7001\r\n"
            "RemoteGroup: -\r\n"
            "LocalMetrics:\r\n"
            "Timestamps: START=2026-11-28T09:05:07Z STOP=2026-11-28T09:07:17Z\r\n"
            "SessionDesc: PT=0 PD=PCMU SR=8000 PPS=50 FD=20 FPP=1 PLC=2 SSUP=on\r\n"
            "JitterBuffer: JBA=3 JBN=40 JBM=4000 JBX=4000\r\n"
            "PacketLoss: NLR=5.00 JDR=2.35\r\n"
            "BurstGapLoss: BLD=33.30 BD=120 GLD=4.00 GD=520 GMIN=16\r\n"
            "Delay: RTD=200 ESD=140 SOWD=240 IAJ=2\r\n"
            "Signal: SL=-18 NL=-50 RERL=55\r\n"
            "QualityEst: RLQ=88 RCQ=85 MOSLQ=4.1 MOSCQ=4.0 QoEEstAlg=G.107\r\n"
            "DialogID: 6dg37f1890463@host;to-tag=8472761;from-tag=9123dh311\r\n");
}

TEST(VqReport, IsOfTheGrammar) {
  struct Row {
    const char* why;
    VqReport report;
    const char* begins;
  };
  std::vector<Row> rows;
  rows.push_back({"session", report(), "VQSessionReport: CallTerm\r\n"});
  auto r = report();
  r.remote_metrics = every_metric();
  rows.push_back({"both directions", r, "VQSessionReport: CallTerm\r\n"});
  r.kind = VqReport::Kind::interval;
  rows.push_back({"interval", r, "VQIntervalReport\r\n"});
  r.call_is_over = true;
  rows.push_back({"the last interval", r, "VQIntervalReport: CallTerm\r\n"});
  r.kind = VqReport::Kind::alert;
  rows.push_back({"alert", r, "VQAlertReport: Type=MOSCQ Severity=Warning Dir=local\r\n"});
  r.alert = {"NLR", VqReport::Alert::Severity::clear, true};
  rows.push_back({"alert that is over", r, "VQAlertReport: Type=NLR Severity=Clear Dir=remote\r\n"});
  r.alert.severity = VqReport::Alert::Severity::critical;
  rows.push_back({"critical alert", r, "VQAlertReport: Type=NLR Severity=Critical Dir=remote\r\n"});
  r = report();
  r.local_metrics = {.start = r.local_metrics.start, .stop = r.local_metrics.stop};
  r.to_tag.clear();
  r.from_tag.clear();
  rows.push_back({"nothing known: nothing said", r, "VQSessionReport: CallTerm\r\n"});
  r = report();
  r.local = *Address::parse("[2001:db8::7]:5000", 0);
  r.remote = *Address::parse("[::]:1", 0);
  r.local_metrics.session->fmtp = "useinbandfec=1;usedtx=1\r\nX: y\"";
  rows.push_back({"IPv6, and parameters that are none of its words", r, "VQSessionReport: CallTerm\r\n"});
  auto& m = r.local_metrics;
  m.loss_rate = 1000;
  m.discard_rate = -3;
  m.bursts = VqMetrics::Bursts{100, 100, 1 << 30, -5, 0};
  m.round_trip = m.jitter = 1 << 30;
  m.signal_level = -1000;
  m.r_listening = 1e6;
  m.mos_listening = 70;
  m.session->sample_rate_hz = 1 << 30;
  m.session->packets_per_second = 1 << 30;
  rows.push_back({"values that nobody can mean", r, "VQSessionReport: CallTerm\r\n"});
  r = report();
  r.call_id = "a b\r\nc@d@e;f";
  r.remote_uri = "sip:x\r\nEvil: 1@y<>";
  r.local_group = "line\r\none, two";
  r.to_tag = "=;,\r\n";
  r.local_metrics.session->codec = "PC MU\r\n";
  r.local_metrics.algorithm = "\"of ours\"";
  rows.push_back({"what a peer or a file may bring", r, "VQSessionReport: CallTerm\r\n"});
  r.call_id.clear();
  rows.push_back({"no Call-ID", r, "VQSessionReport: CallTerm\r\n"});
  for (const auto& row : rows) {
    const auto text = write_vq_report(row.report);
    EXPECT_EQ(first_wrong_line(text), "") << row.why << "\n" << text;
    EXPECT_TRUE(text.starts_with(row.begins)) << row.why << "\n" << text;
  }
}

TEST(VqReport, TheGrammarOfThisTestCanFail) {
  auto text = write_vq_report(report());
  const auto changed = [&](std::string_view from, std::string_view to) {
    auto other = text;
    other.replace(other.find(from), from.size(), to);
    return first_wrong_line(other);
  };
  EXPECT_NE(changed("NLR=5.00", "NLR=5.001"), "");
  EXPECT_NE(changed("JBN=40 JBM=4000", "JBM=4000 JBN=40"), "");
  EXPECT_NE(changed("SSRC=0x1a3b5c7d", "SSRC=1a3b5c7d"), "");
  EXPECT_NE(changed("LocalGroup: phone 7001\r\n", ""), "");
  EXPECT_NE(changed("07Z STOP", "07+01:00 STOP"), "");
}

}  // namespace
}  // namespace sidetone::rtp
