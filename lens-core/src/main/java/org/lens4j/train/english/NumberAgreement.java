package org.lens4j.train.english;

import java.util.List;
import java.util.stream.Stream;

/** A verb agrees with its subject, not with the noun beside it: "The dogs near the house are" (Linzen et al. 2016).
 *
 * <p>The tense is fixed by the opening ("Yesterday the dogs ... were"), so one verb is right. Held out: one pair of
 * subject and neighbouring noun in ten, in every number and with everything between them. A probe's neighbour always has
 * the other number than the subject. */
public record NumberAgreement() implements ProbedKind {
    private record Noun(String singular, String plural) {
        String in(boolean plural) {
            return plural ? this.plural : singular;
        }
    }

    private record Clause(String opening, String singular, String plural, List<String> complements) {
        String verb(boolean plural) {
            return plural ? this.plural : singular;
        }
    }

    private static final List<Noun> SUBJECTS = nouns("""
            dog:dogs cat:cats boy:boys girl:girls bird:birds horse:horses teacher:teachers doctor:doctors farmer:farmers \
            child:children man:men woman:women king:kings cow:cows duck:ducks rabbit:rabbits student:students friend:friends""");

    private static final List<Noun> OBSTACLES = nouns("""
            house:houses tree:trees river:rivers door:doors table:tables car:cars wall:walls bridge:bridges \
            window:windows fence:fences boat:boats hill:hills""");

    private static final List<Noun> NEIGHBOURS =
            Stream.concat(SUBJECTS.stream(), OBSTACLES.stream()).toList();

    private static final List<String> LINKS =
            List.of("near", "behind", "beside", "next to", "in front of", "close to", "that saw", "that passed");

    private static final List<Clause> CLAUSES = List.of(
            new Clause("The", "is", "are", Lexicon.MOODS),
            new Clause("Today the", "is", "are", Lexicon.MOODS),
            new Clause("Now the", "is", "are", Lexicon.MOODS),
            new Clause("Yesterday the", "was", "were", Lexicon.MOODS),
            new Clause("Last week the", "was", "were", Lexicon.MOODS));

    private static final List<Clause> HABITS = List.of(
            new Clause("Every day the", "sleeps", "sleep", List.of("a lot", "here")),
            new Clause("Every day the", "runs", "run", List.of("home", "to the park")),
            new Clause("Every day the", "waits", "wait", List.of("here", "for lunch")),
            new Clause("Every day the", "plays", "play", List.of("in the garden", "here")));

    @Override
    public String title() {
        return "number agreement";
    }

    @Override
    public String document(Dice dice) {
        if (dice.oneIn(5)) {
            Clause clause = dice.pick(CLAUSES);
            boolean plural = dice.oneIn(2);
            return clause.opening + " " + dice.pick(SUBJECTS).in(plural) + " " + clause.verb(plural) + " "
                    + dice.pick(clause.complements) + ".";
        }
        List<Clause> clauses = dice.oneIn(6) ? HABITS : CLAUSES;
        return Question.draw(false, () -> question(dice, clauses, dice.oneIn(2)))
                .text();
    }

    @Override
    public Probe probe(Dice dice) {
        return Question.draw(true, () -> question(dice, CLAUSES, false)).probe();
    }

    @Override
    public Stream<String> words() {
        Stream<String> nouns = NEIGHBOURS.stream().flatMap(noun -> Stream.of(noun.singular, noun.plural));
        Stream<String> clauses = Stream.of(CLAUSES, HABITS)
                .flatMap(List::stream)
                .flatMap(clause -> Stream.concat(
                        Stream.of(clause.opening, clause.singular, clause.plural), clause.complements.stream()));
        return Stream.of(nouns, LINKS.stream(), clauses).flatMap(text -> text).flatMap(Template::words);
    }

    private static Question question(Dice dice, List<Clause> clauses, boolean sameNumber) {
        Clause clause = dice.pick(clauses);
        Noun subject = dice.pick(SUBJECTS);
        Noun neighbour = dice.pickOther(NEIGHBOURS, subject);
        boolean plural = dice.oneIn(2);
        String prompt = clause.opening + " " + subject.in(plural) + " " + dice.pick(LINKS) + " the "
                + neighbour.in(plural == sameNumber);
        Probe probe = new Probe(prompt, " " + clause.verb(plural), " " + clause.verb(!plural));
        return new Question(
                probe, " " + dice.pick(clause.complements) + ".", isHeldOut(subject.singular, neighbour.singular));
    }

    /** Whether training never puts this noun beside that subject, both given in the singular. */
    static boolean isHeldOut(String subject, String neighbour) {
        return HeldOut.contains("agreement", subject, neighbour);
    }

    private static List<Noun> nouns(String pairs) {
        return Lexicon.words(pairs).stream()
                .map(pair -> pair.split(":", 2))
                .map(pair -> new Noun(pair[0], pair[1]))
                .toList();
    }
}
