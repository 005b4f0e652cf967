#include "device/hid_telephony.h"

#include <algorithm>
#include <array>

namespace sidetone::device {
namespace {

// A real descriptor has some hundred bytes; the bus allows 65,535, and Linux 4,096.
constexpr std::size_t descriptor_max = 4096;
// Two pages with some dozen usages each.
constexpr std::size_t usages_max = 256, stack_max = 8;
// Reports are at most 1,024 bytes (USB 2.0, one transaction of an interrupt pipe).
constexpr std::uint32_t report_bits_max = 8 * 1024;

tl::unexpected<Error> refuse(std::string text) {
  return fail(Layer::device, Fault::syntax, std::move(text), "its buttons are not used");
}

bool is_button(std::uint32_t usage) {
  switch (static_cast<HidUsage>(usage)) {
    case HidUsage::hook_switch:
    case HidUsage::flash:
    case HidUsage::drop:
    case HidUsage::phone_mute: return true;
    default: return false;
  }
}

bool is_lamp(std::uint32_t usage) {
  switch (static_cast<HidUsage>(usage)) {
    case HidUsage::lamp_mute:
    case HidUsage::lamp_off_hook:
    case HidUsage::lamp_ring:
    case HidUsage::lamp_hold: return true;
    default: return false;
  }
}

// Little-endian bits (HID 1.11 §5.8, §8).
std::optional<std::uint32_t> read_bits(std::span<const std::uint8_t> bytes, std::uint32_t bit,
                                       std::uint8_t count) {
  if (bit + count > bytes.size() * 8) return std::nullopt;
  std::uint32_t value = 0;
  for (std::uint8_t i = 0; i < count; ++i)
    if ((bytes[(bit + i) / 8] >> ((bit + i) % 8) & 1U) != 0) value |= 1U << i;
  return value;
}

void write_bits(std::span<std::uint8_t> bytes, std::uint32_t bit, std::uint8_t count, std::uint32_t value) {
  for (std::uint8_t i = 0; i < count; ++i)
    if ((value >> i & 1U) != 0)
      bytes[(bit + i) / 8] = static_cast<std::uint8_t>(bytes[(bit + i) / 8] | 1U << ((bit + i) % 8));
}

}  // namespace

// Reads items one after the other: global ones stay, local ones last until the next main item (§6.2.2.7-8).
class HidDescriptorReader {
 public:
  Expected<HidTelephony> read(std::span<const std::uint8_t> bytes) {
    if (bytes.size() > descriptor_max) return refuse("the headset's report descriptor is too long");
    while (!bytes.empty()) {
      const std::uint8_t prefix = bytes[0];
      if (prefix == 0xfe) {  // a long item (§6.2.2.3); none is defined
        if (bytes.size() < 3 || bytes.size() < 3U + bytes[1]) return refuse("a long item is cut off");
        bytes = bytes.subspan(3U + bytes[1]);
        continue;
      }
      const std::size_t size = (prefix & 3U) == 3 ? 4 : prefix & 3U;
      if (bytes.size() < 1 + size) return refuse("the headset's report descriptor is cut off");
      std::uint32_t data = 0;
      for (std::size_t i = 0; i < size; ++i) data |= static_cast<std::uint32_t>(bytes[1 + i]) << (8 * i);
      if (auto taken = take(prefix >> 2 & 3U, prefix >> 4U, data, size); !taken)
        return tl::make_unexpected(taken.error());
      bytes = bytes.subspan(1 + size);
    }
    const auto hook = std::any_of(found_.buttons_.begin(), found_.buttons_.end(),
                                  [](const HidField& f) { return f.usage == HidUsage::hook_switch; });
    if (!hook) return fail(Layer::device, Fault::unsupported, "the device has no hook switch");
    return std::move(found_);
  }

 private:
  struct Global {
    std::uint32_t page = 0, report_size = 0, report_count = 0, logical_min = 0;
    std::uint8_t report_id = 0;
  };

  Expected<void> take(unsigned type, unsigned tag, std::uint32_t data, std::size_t size) {
    if (type == 1) return take_global(tag, data);
    if (type == 2) return take_local(tag, data, size);
    if (type != 0) return {};  // reserved
    Expected<void> taken;
    if (tag == 8) taken = take_fields(data, input_bits_, found_.buttons_, is_button);
    if (tag == 9) {
      taken = take_fields(data, output_bits_, found_.lamps_, is_lamp);
      note_output_size();
    }
    usages_.clear();
    usage_min_.reset();
    return taken;
  }

  Expected<void> take_global(unsigned tag, std::uint32_t data) {
    switch (tag) {
      case 0: global_.page = data & 0xffff; break;
      case 1: global_.logical_min = data; break;
      case 7: global_.report_size = data; break;
      case 8:
        if (data == 0 || data > 255) return refuse("a report of the headset has an impossible id");
        global_.report_id = static_cast<std::uint8_t>(data);
        found_.numbered_ = true;
        break;
      case 9: global_.report_count = data; break;
      case 10:
        if (stack_.size() >= stack_max) return refuse("the report descriptor is nested too deeply");
        stack_.push_back(global_);
        break;
      case 11:
        if (stack_.empty()) return refuse("the report descriptor takes back what it has not kept");
        global_ = stack_.back();
        stack_.pop_back();
        break;
      default: break;  // physical units and limits
    }
    return {};
  }

  Expected<void> take_local(unsigned tag, std::uint32_t data, std::size_t size) {
    const auto usage = size == 4 ? data : global_.page << 16 | (data & 0xffff);  // §6.2.2.8: extended usage
    if (tag == 0) return add_usage(usage);
    if (tag == 1) usage_min_ = usage;
    if (tag == 2 && usage_min_) {
      for (auto each = *usage_min_; each <= usage; ++each)
        if (auto added = add_usage(each); !added) return added;
      usage_min_.reset();
    }
    return {};
  }

  Expected<void> add_usage(std::uint32_t usage) {
    if (usages_.size() >= usages_max) return refuse("a report of the headset has too many usages");
    usages_.push_back(usage);
    return {};
  }

  template <typename Wanted>
  Expected<void> take_fields(std::uint32_t flags, std::array<std::uint32_t, 256>& used,
                             std::vector<HidField>& into, Wanted wanted) {
    auto& bit = used[global_.report_id];
    const auto size = global_.report_size, count = global_.report_count;
    if (size > report_bits_max || count > report_bits_max || bit + size * count > report_bits_max)
      return refuse("a report of the headset is too long");
    const bool constant = (flags & 1U) != 0, variable = (flags & 2U) != 0;
    const bool readable = !constant && size >= 1 && size <= 32 && !usages_.empty();
    for (std::uint32_t i = 0; readable && i < count; ++i) {
      HidField field;
      field.report_id = global_.report_id;
      field.bit = bit + i * size;
      field.bits = static_cast<std::uint8_t>(size);
      field.is_relative = (flags & 4U) != 0;
      if (variable) {
        add(field, usages_[std::min<std::size_t>(i, usages_.size() - 1)], into, wanted);
        continue;
      }
      for (std::size_t k = 0; k < usages_.size(); ++k) {  // an array: the slot holds a usage's number
        field.means = global_.logical_min + static_cast<std::uint32_t>(k);
        add(field, usages_[k], into, wanted);
      }
    }
    bit += size * count;
    return {};
  }

  template <typename Wanted>
  static void add(HidField field, std::uint32_t usage, std::vector<HidField>& into, Wanted wanted) {
    if (!wanted(usage) || into.size() >= usages_max) return;
    field.usage = static_cast<HidUsage>(usage);
    into.push_back(field);
  }

  void note_output_size() {
    auto& sizes = found_.output_sizes_;
    const auto id = global_.report_id;
    auto known = std::find_if(sizes.begin(), sizes.end(), [id](const auto& s) { return s.report_id == id; });
    if (known == sizes.end()) known = sizes.insert(sizes.end(), {id, 0});
    known->bits = output_bits_[id];
  }

  HidTelephony found_;
  Global global_;
  std::vector<Global> stack_;
  std::vector<std::uint32_t> usages_;
  std::optional<std::uint32_t> usage_min_;
  std::array<std::uint32_t, 256> input_bits_{}, output_bits_{};
};

Expected<HidTelephony> HidTelephony::parse(std::span<const std::uint8_t> descriptor) {
  return HidDescriptorReader().read(descriptor);
}

std::optional<bool> HidTelephony::button(HidUsage usage, std::span<const std::uint8_t> report) const {
  std::uint8_t id = 0;
  if (numbered_) {
    if (report.empty()) return std::nullopt;
    id = report[0];
    report = report.subspan(1);
  }
  std::optional<bool> pressed;
  for (const auto& field : buttons_) {
    if (field.usage != usage || field.report_id != id) continue;
    const auto value = read_bits(report, field.bit, field.bits);
    if (!value) continue;
    pressed = pressed.value_or(false) || (field.means ? *value == *field.means : *value != 0);
  }
  return pressed;
}

bool HidTelephony::is_relative(HidUsage usage) const {
  return std::any_of(buttons_.begin(), buttons_.end(),
                     [usage](const HidField& f) { return f.usage == usage && f.is_relative; });
}

bool HidTelephony::has_lamp(HidUsage usage) const {
  return std::any_of(lamps_.begin(), lamps_.end(), [usage](const HidField& f) { return f.usage == usage; });
}

std::vector<std::vector<std::uint8_t>> HidTelephony::lamp_reports(const Lamps& lamps) const {
  const auto is_on = [&](HidUsage usage) {
    switch (usage) {
      case HidUsage::lamp_off_hook: return lamps.off_hook;
      case HidUsage::lamp_mute: return lamps.mute;
      case HidUsage::lamp_ring: return lamps.ring;
      case HidUsage::lamp_hold: return lamps.hold;
      default: return false;
    }
  };
  std::vector<std::vector<std::uint8_t>> reports;
  for (const auto& size : output_sizes_) {
    const auto of_report = [&](const HidField& f) { return f.report_id == size.report_id; };
    if (std::none_of(lamps_.begin(), lamps_.end(), of_report)) continue;
    std::vector<std::uint8_t> report(1 + (size.bits + 7) / 8, 0);
    report[0] = size.report_id;
    for (const auto& field : lamps_)
      if (of_report(field) && is_on(field.usage))
        write_bits(std::span(report).subspan(1), field.bit, field.bits, field.means.value_or(1));
    reports.push_back(std::move(report));
  }
  return reports;
}

}  // namespace sidetone::device
