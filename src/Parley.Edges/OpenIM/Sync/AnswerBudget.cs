namespace Parley.Edges.OpenIM.Sync;

/// <summary>What one answer may still hold.</summary>
sealed class AnswerBudget(int messages, int bytes)
{
    public bool IsSpent => messages <= 0 || bytes <= 0;

    public int Messages => messages;

    /// <returns>False when it does not fit any more; nothing fits from then on.</returns>
    public bool TrySpend(int size)
    {
        if (IsSpent || size > bytes)
        {
            messages = 0;
            return false;
        }

        messages--;
        bytes -= size;
        return true;
    }
}
