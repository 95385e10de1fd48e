#include "log.h"

#include <unistd.h>

#include "absl/log/globals.h"
#include "absl/log/internal/globals.h"
#include "absl/log/log_entry.h"
#include "absl/log/log_sink.h"
#include "absl/log/log_sink_registry.h"
#include "absl/strings/match.h"

namespace {

/**
 * Errors that are none. XLA reads each file of its cache as text first, which fails with a message, and then as what it is. And it misses
 * LLVM's preferences, such as `+prefer-no-gather`, which it wrote there itself, among the features of the processor.
 */
bool IsOfXlaCache(const absl::LogEntry& entry) {
  const absl::string_view text = entry.text_message();
  return absl::StrContains(text, "Error parsing text-format tensorflow.XlaSerializedCacheEntry") ||
         absl::StrContains(text, "Target machine feature +prefer-");
}

class Filter : public absl::LogSink {
  void Send(const absl::LogEntry& entry) override {
    const bool written = entry.log_severity() == absl::LogSeverity::kFatal;
    if (written || IsOfXlaCache(entry)) return;
    const absl::string_view line = entry.text_message_with_prefix_and_newline();
    if (write(STDERR_FILENO, line.data(), line.size()) < 0) return;
  }
};

}  // namespace

void FilterMessages() {
  static Filter* filter = nullptr;
  if (filter != nullptr || absl::log_internal::IsInitialized()) return;
  absl::AddLogSink(filter = new Filter);
  absl::SetStderrThreshold(absl::LogSeverityAtLeast::kFatal);  // absl writes these itself, and ends the process
  absl::log_internal::SetInitialized();  // before, absl writes all messages, whatever the threshold
}
