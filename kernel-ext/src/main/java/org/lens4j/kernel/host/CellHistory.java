package org.lens4j.kernel.host;

import io.github.spencerpark.jupyter.kernel.history.HistoryEntry;
import io.github.spencerpark.jupyter.kernel.history.HistoryManager;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** The cells of this session, for a console's arrow keys. */
final class CellHistory implements HistoryManager {
    private static final int SESSION = 1;

    private final List<HistoryEntry> entries = new ArrayList<>();

    synchronized void add(CellText cell) {
        entries.add(new HistoryEntry(SESSION, cell.number(), cell.source()));
    }

    @Override
    public synchronized List<HistoryEntry> lookupRange(
            int sessionOffset, int startCell, int endCell, Set<ResultFlag> flags) {
        return entries.stream()
                .filter(e -> e.getCellNumber() >= startCell && e.getCellNumber() < endCell)
                .toList();
    }

    @Override
    public synchronized List<HistoryEntry> lookupTail(int length, Set<ResultFlag> flags) {
        return last(entries, length);
    }

    @Override
    public synchronized List<HistoryEntry> search(String glob, int length, Set<ResultFlag> flags) {
        Pattern pattern = Pattern.compile(regex(glob), Pattern.DOTALL);
        List<HistoryEntry> found = entries.stream()
                .filter(e -> pattern.matcher(e.getInput()).matches())
                .toList();
        if (!flags.contains(ResultFlag.UNIQUE)) {
            return last(found, length);
        }
        Map<String, HistoryEntry> unique = new LinkedHashMap<>();
        found.forEach(e -> unique.put(e.getInput(), e));
        return last(List.copyOf(unique.values()), length);
    }

    private static String regex(String glob) {
        StringBuilder regex = new StringBuilder();
        for (int i = 0; i < glob.length(); i++) {
            char c = glob.charAt(i);
            switch (c) {
                case '*' -> regex.append(".*");
                case '?' -> regex.append('.');
                default -> regex.append(Pattern.quote(String.valueOf(c)));
            }
        }
        return regex.toString();
    }

    private static List<HistoryEntry> last(List<HistoryEntry> list, int length) {
        return List.copyOf(list.subList(Math.max(0, list.size() - Math.max(0, length)), list.size()));
    }
}
