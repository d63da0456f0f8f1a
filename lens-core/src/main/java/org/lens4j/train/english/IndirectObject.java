package org.lens4j.train.english;

import java.util.List;
import java.util.stream.Stream;

/** Two people, one of whom gives something to the other: "When Mary and John went to the store, John gave a drink to"
 * is followed by " Mary" (Wang et al. 2022, "Interpretability in the Wild").
 *
 * <p>An opening names both, in either order; the action repeats the giver, either of them. In one training document of
 * eight a third person gives, and either of the two receives. Held out: one pair of names in ten, whatever the
 * sentence; {@code Mary} and {@code John} are such a pair. */
public record IndirectObject() implements ProbedKind {
    private static final List<Template> OPENINGS = Template.lines("""
            When {A} and {B} went to the {P},
            When {A} and {B} met at the {P},
            When {A} and {B} came home from the {P},
            After {A} and {B} went to the {P},
            After {A} and {B} had lunch at the {P},
            While {A} and {B} were at the {P},
            While {A} and {B} were working at the {P},
            Before {A} and {B} left the {P},
            Then, {A} and {B} went to the {P}.
            Then, {A} and {B} had a long talk at the {P}.
            Then, {A} and {B} had a lot of fun at the {P}.
            Afterwards, {A} and {B} walked to the {P}.
            Yesterday {A} and {B} went to the {P}.
            One day {A} and {B} met near the {P}.
            Last week {A} and {B} visited the {P}.
            In the morning {A} and {B} walked to the {P}.
            {A} and {B} went to the {P}.
            {A} and {B} were good friends.
            {A} went to the {P} with {B}.
            {A} met {B} at the {P}.
            At the {P}, {A} saw {B}.
            The friends {A} and {B} were at the {P}.""");

    private static final List<Template> ACTIONS = Template.lines("""
            {S} gave a {O} to
            {S} handed a {O} to
            {S} passed a {O} to
            {S} offered a {O} to
            {S} showed a {O} to
            {S} brought a {O} to
            {S} sold a {O} to
            {S} gave the {O} to
            {S} decided to give a {O} to
            {S} wanted to give a {O} to
            {S} had a {O} and gave it to
            {S} found a {O} and showed it to""");

    private static final List<Template> FINDS = Template.lines("""
            When {A} and {B} got a {O} at the {P},
            After {A} and {B} found a {O} near the {P},
            Then, {A} and {B} bought a {O} at the {P}.
            {A} and {B} found a {O} at the {P}.""");

    private static final List<Template> ACTIONS_ON_FINDS = Template.lines("""
            {S} gave it to
            {S} handed it to
            {S} decided to give it to
            {S} gave the {O} to
            {S} wanted to show the {O} to""");

    private static final List<Template> ENDINGS = Template.lines("""
            .
            .
            .
            . {I} thanked {S}.
            . {I} was happy.
            . {S} smiled.""");

    @Override
    public String title() {
        return "indirect object";
    }

    @Override
    public String document(Dice dice) {
        boolean third = dice.oneIn(8);
        return Question.draw(false, () -> question(dice, third)).text();
    }

    @Override
    public Probe probe(Dice dice) {
        return Question.draw(true, () -> question(dice, false)).probe();
    }

    @Override
    public Stream<String> words() {
        Stream<String> templates = Stream.of(OPENINGS, ACTIONS, FINDS, ACTIONS_ON_FINDS, ENDINGS)
                .flatMap(List::stream)
                .flatMap(Template::words);
        Stream<String> lists =
                Stream.of(Lexicon.NAMES, Lexicon.PLACES, Lexicon.OBJECTS).flatMap(List::stream);
        return Stream.concat(templates, lists);
    }

    private static Question question(Dice dice, boolean third) {
        boolean find = dice.oneIn(5);
        Template opening = dice.pick(find ? FINDS : OPENINGS);
        Template action = dice.pick(find ? ACTIONS_ON_FINDS : ACTIONS);
        String first = dice.pick(Lexicon.NAMES);
        String second = dice.pickOther(Lexicon.NAMES, first);
        String receiver = dice.oneIn(2) ? first : second;
        String other = receiver.equals(first) ? second : first;
        String giver = third ? stranger(dice, first, second) : other;
        String place = dice.pick(Lexicon.PLACES);
        String object = dice.pick(Lexicon.OBJECTS);
        Template.Filling filling = slot -> switch (slot) {
            case 'A' -> first;
            case 'B' -> second;
            case 'S' -> giver;
            case 'I' -> receiver;
            case 'P' -> place;
            default -> object;
        };
        Probe probe = new Probe(opening.fill(filling) + " " + action.fill(filling), " " + receiver, " " + other);
        boolean heldOut = isHeldOut(first, second) || (third && (isHeldOut(first, giver) || isHeldOut(second, giver)));
        return new Question(probe, dice.pick(ENDINGS).fill(filling), heldOut);
    }

    private static String stranger(Dice dice, String first, String second) {
        String name = dice.pickOther(Lexicon.NAMES, first);
        while (name.equals(second)) {
            name = dice.pickOther(Lexicon.NAMES, first);
        }
        return name;
    }

    /** Whether no training sentence of this kind names both, in either order. */
    static boolean isHeldOut(String name, String other) {
        String early = name.compareTo(other) < 0 ? name : other;
        String late = early.equals(name) ? other : name;
        return (early.equals("John") && late.equals("Mary")) || HeldOut.contains("names", early, late);
    }
}
