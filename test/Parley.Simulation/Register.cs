using Parley.Core;
using Parley.Core.Commands;
using Parley.Store;

namespace Parley.Simulation;

/// <summary>A command that somebody tried, and what came of it.</summary>
sealed class Deed(Command command)
{
    public Command Command { get; } = command;
    public Fate Fate { get; private set; }

    /// <summary>When it was decided.</summary>
    public long Time { get; private set; }

    /// <summary>Of its first record; 0 when it made none.</summary>
    public long Position { get; private set; }

    /// <summary>What is so for sure if it was carried out.</summary>
    public List<(Register Register, string Value)> Effects { get; } = [];

    public void Answered(Outcome outcome)
    {
        if (outcome.Refusal == Refusal.OutcomeUnknown) return;
        (Fate, Time, Position) = (outcome.IsAccepted ? Fate.Accepted : Fate.Refused, outcome.Time, outcome.Position);
    }
}

/// <summary>What a command sets if it is carried out.</summary>
/// <param name="IsSure">False: it may also leave it as it is.</param>
readonly record struct Effect(Register Register, string Value, bool IsSure = true);

/// <summary>
/// Something in the state that commands set, as a text: a name, a membership, what became of a message; empty in the beginning. What it may hold now follows from who set it
/// when, and what they were answered.
/// </summary>
/// <param name="read">Null where the state does not say.</param>
sealed class Register(long app, string name, Func<AppState, Log, string?> read)
{
    readonly List<(Deed Deed, string Value, bool IsSure)> _writes = [];
    string? _before = "";

    public long App { get; } = app;

    /// <summary>When it was last set, as far as is known; 0: what it held in the last audit may still be there.</summary>
    public long Floor => _writes.Where(write => write is { IsSure: true, Deed.Fate: Fate.Accepted }).Select(write => write.Deed.Time).DefaultIfEmpty(0).Max();

    public void Add(Deed deed, in Effect effect)
    {
        _writes.Add((deed, effect.Value, effect.IsSure));
        if (effect.IsSure) deed.Effects.Add((this, effect.Value));
    }

    /// <summary>What it may have held at any time since then. Null is anything.</summary>
    public IEnumerable<string?> Possible(long floor)
    {
        if (floor == 0) yield return _before;
        foreach (var (deed, value, _) in _writes)
            if (deed.Fate == Fate.Open || (deed.Fate == Fate.Accepted && deed.Time >= floor)) yield return value;
    }

    public bool MayHold(string? value, long floor) => value is null || Possible(floor).Any(possible => possible is null || possible == value);

    public string? Read(State state, Log log) => read(state.App(App), log);

    /// <summary>Whether nobody else set it, and it was something else before.</summary>
    public bool ShowsAlone(Deed deed, string value) => _before is not null && _before != value && _writes.TrueForAll(write => write.Deed == deed || write.Deed.Fate == Fate.Refused);

    /// <summary>Nothing is under way and this is what it holds.</summary>
    public void Settle(string? value)
    {
        _before = value;
        _writes.Clear();
    }

    public override string ToString() => name;
}

/// <summary>What would keep a command from being carried out, and the refusal it would get.</summary>
/// <param name="isSure">False: the command may be carried out all the same.</param>
sealed class Excuse(Refusal refusal, Register? register, Func<string, bool> isGiven, bool isSure = true)
{
    // Taken when the command is made: what was known to be so before counts, whatever happened meanwhile.
    readonly long _floor = register?.Floor ?? 0;

    public Refusal Refusal { get; } = refusal;

    /// <summary>It was so at some time since then, as far as is known.</summary>
    public bool IsPossible => register is null ? isGiven("") : register.Possible(_floor).Any(value => value is null || isGiven(value));

    /// <summary>It was so all the time.</summary>
    public bool IsCertain => isSure && (register is null ? isGiven("") : register.Possible(_floor).All(value => value is not null && isGiven(value)));

    public override string ToString() => $"{Refusal} by {register}";

    public static Excuse When(Refusal refusal, Register register, string value, bool isSure = true) => new(refusal, register, held => held == value, isSure);

    public static Excuse Unless(Refusal refusal, Register register, string value, bool isSure = true) => new(refusal, register, held => held != value, isSure);

    /// <summary>May come at any time.</summary>
    public static Excuse Any(Refusal refusal) => AnyIf(refusal, () => true);

    /// <summary>May come if that is so when the answer is there.</summary>
    public static Excuse AnyIf(Refusal refusal, Func<bool> isGiven) => new(refusal, null, _ => isGiven(), isSure: false);

    /// <summary>Must come: nobody may do this.</summary>
    public static Excuse Always(Refusal refusal) => new(refusal, null, _ => true);
}
